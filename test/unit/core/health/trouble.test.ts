/** Why an origin is not well: never an old reason as if it were new. */
import { expect, it } from "vitest";
import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import type { SavedState } from "../../../../core/coordinator/saved-state.ts";
import type { Trouble } from "../../../../core/protocol/origin-view.ts";
import { OneHolder } from "../../../support/one-holder.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const now = 1_000_000;
const shop = upstream({ pools: [pool("home", [origin("a"), origin("b")])] });
const bad = { origin: "a", good: false, evidence: "400 in 5 ms", hint: "look at ALLOWED_HOSTS" };
const good = { origin: "a", good: true, evidence: "200 in 6 ms" };

const troubleOf = (coordinator: Coordinator, at: number): Trouble | null | undefined =>
  coordinator.view(at).pools[0]?.origins[0]?.trouble;

function probedBadly(rounds: number): Coordinator {
  const coordinator = new Coordinator(shop, nothingSaved, now);
  for (let round = 1; round <= rounds; round++) coordinator.probed([bad], now + round);
  return coordinator;
}

it("an origin that nothing speaks against has none", () => {
  const coordinator = new Coordinator(shop, nothingSaved, now);
  expect(troubleOf(coordinator, now)).toBeNull();
  coordinator.probed([good], now);
  expect(troubleOf(coordinator, now)).toBeNull();
});

it("the first bad probe of an unknown origin is told, before it is called unhealthy", () => {
  expect(troubleOf(probedBadly(1), now + 2)).toEqual({
    is: "unknown",
    sinceMs: now,
    evidence: "probe: 400 in 5 ms",
    seenMs: now + 1,
    hint: bad.hint,
  });
});

it("an unhealthy one has since when, what was seen last and when, and what to look at", () => {
  const coordinator = probedBadly(3);
  coordinator.probed([{ ...bad, evidence: "timeout", hint: "is it overloaded?" }], now + 9);
  expect(troubleOf(coordinator, now + 10)).toEqual({
    is: "unhealthy",
    sinceMs: now + 3,
    evidence: "probe: timeout",
    seenMs: now + 9,
    hint: "is it overloaded?",
  });
  coordinator.probed([good], now + 11);
  expect(troubleOf(coordinator, now + 11)).toMatchObject({
    evidence: "probe: 200 in 6 ms",
    hint: expect.stringContaining("good again"),
  });
  coordinator.probed([good], now + 12);
  expect(troubleOf(coordinator, now + 12)).toBeNull();
});

it("the event has the hint", () => {
  const coordinator = probedBadly(2);
  expect(coordinator.probed([bad], now + 3).events).toMatchObject([
    { event: "health", to: "unhealthy", evidence: "probe: 400 in 5 ms", hint: bad.hint },
  ]);
});

it("after a restart, and with another config, it is not probed yet, until it is", () => {
  const health: SavedState["health"] = new Map([
    [
      "a",
      {
        verdict: { state: "unhealthy", against: 0, sinceMs: 7 },
        traffic: { failuresInRow: 0, ejections: 0 },
      },
    ],
  ]);
  const coordinator = new Coordinator(shop, { ...nothingSaved, health }, now);
  const notProbed = {
    is: "unhealthy",
    sinceMs: 7,
    evidence: expect.stringContaining("not probed yet"),
    seenMs: null,
    hint: null,
  };
  expect(troubleOf(coordinator, now)).toEqual(notProbed);
  coordinator.probed([bad], now + 1);
  expect(troubleOf(coordinator, now + 1)).toMatchObject({ evidence: "probe: 400 in 5 ms", seenMs: now + 1 });
  coordinator.reconfigure({ ...shop }, now + 2);
  expect(troubleOf(coordinator, now + 2)).toEqual(notProbed);
});

it("an ejected one has what traffic did, while it is out", () => {
  const coordinator = new Coordinator(shop, nothingSaved, now);
  const holder = new OneHolder(coordinator);
  coordinator.probed([good, { ...good, origin: "b" }], now);
  holder.report(
    now,
    Array.from({ length: 50 }, () => ({ origin: "a", ok: false, detail: "reset" })),
  );
  expect(troubleOf(coordinator, now)).toMatchObject({
    is: "ejected",
    sinceMs: now,
    evidence: expect.stringContaining("failures in a row"),
  });
  expect(troubleOf(coordinator, now + 86_400_000)).toBeNull();
});
