/** What the fleet makes of what origins say of themselves. */
import { describe, expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import type { OriginReport } from "../../../../core/protocol/outcome.ts";
import { OneHolder } from "../../../support/one-holder.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const now = 1_000_000;
const maxAgeMs = 10_000;
const home = pool("home", [origin("a"), origin("b")]);
const shop = upstream({
  policy: { name: "round_robin" },
  pools: [home, pool("cloud", [origin("c")])],
  loadReports: { secret: "", maxAgeMs },
});

function start(config = shop) {
  const coordinator = new Coordinator(config, nothingSaved, now);
  const holder = new OneHolder(coordinator);
  const says = (name: string, report: Omit<OriginReport, "atMs">, at = now): void => {
    holder.report(at, [{ origin: name, ok: true, headerMs: 5, report: { atMs: at, ...report } }]);
  };
  const picks = (count: number, at = now): string[] =>
    Array.from({ length: count }, () => holder.askedFor(at) ?? "").toSorted();
  const viewOf = (name: string, at = now) =>
    coordinator
      .view(at)
      .pools.flatMap(({ origins }) => origins)
      .find((each) => each.name === name);
  return { holder, says, picks, viewOf };
}

describe("an origin that says it wants to be drained", () => {
  test("gets nothing new from the next pick on, until its report has lapsed", () => {
    const { says, picks } = start();
    says("a", { drain: true });
    expect(picks(3)).toEqual(["b", "b", "b"]);
    expect(picks(4, now + maxAgeMs - 1)).toEqual(["b", "b", "b", "b"]);
    expect(picks(4, now + maxAgeMs)).toEqual(["a", "a", "b", "b"]);
  });

  test("keeps the sessions that are bound to it", () => {
    const { holder, says } = start();
    says("a", { drain: true });
    const pin = { session: "s", origin: "a", epoch: 1 };
    expect(holder.ask(now, { pin }).pick).toMatchObject({ origin: "a", pin: "kept" });
  });

  test("is seen so, and is not taken for one that its operator drains", () => {
    const { says, viewOf } = start();
    says("a", { drain: true });
    expect(viewOf("a", now + 500)).toMatchObject({
      operator: "up",
      unavailableBecause: "draining",
      report: { drain: true, utilisation: null, ageMs: 500 },
    });
  });

  test("makes requests spill because of a drain, if all of home say so", () => {
    const { holder, says } = start();
    for (const name of ["a", "b"]) says(name, { drain: true });
    expect(holder.ask(now).pick).toMatchObject({ origin: "c", spill: "drain" });
  });
});

test("an origin at nine tenths of what it can bear gets half of its share", () => {
  const { says, picks } = start();
  says("a", { utilisation: 0.9 });
  const counts = picks(300).filter((name) => name === "a").length;
  expect(counts).toBe(100);
});

test("without `loadReports` in the config nothing follows from a report", () => {
  const { loadReports: _, ...plain } = shop;
  const { says, picks } = start(plain);
  says("a", { drain: true });
  expect(picks(4)).toEqual(["a", "a", "b", "b"]);
});

test("reports that were refused are counted, and those on their way together", () => {
  const { holder, viewOf } = start();
  const refused = { origin: "a", ok: true, headerMs: 5, refusedReport: true } as const;
  holder.report(now, [refused, refused, { origin: "a", ok: false, refusedReport: true }]);
  expect(viewOf("a")?.reportsRefused).toBe(3);
});
