/** When a member that leaves may go: holders are told, and say that they have heard, as with an operator's order. */
import { describe, expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import { idleForMs, settleMs, silentForMs } from "../../../../core/ledger/drain-confirmation.ts";

import type { Upstream } from "../../../../core/model/upstream.ts";
import { messagesTo } from "../../../support/message.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

/** The object began so long ago that it knows all its holders. */
const now = 1_000_000 + idleForMs;
const want = { tried: [] };
const sticky = { cookie: "weir", ttlMs: 3_600_000, idleMs: 600_000, path: "/", homecoming: true };
const pin = { session: "s", origin: "m", epoch: 1 };

/** A pool of an origin of the config's, `a`, and of a member, `m`, that probes have found well. */
function start(parts: Partial<Upstream> = {}, saved = nothingSaved, atMs = now - idleForMs) {
  const withMember = (member: "stays" | "leaves" | "gone"): Upstream => {
    const marks = { registered: true as const, ...(member === "leaves" && { leaving: true as const }) };
    const members = member === "gone" ? [] : [origin("m", marks)];
    return upstream({ pools: [pool("cloud", [origin("a"), ...members])], ...parts });
  };
  const coordinator = new Coordinator(withMember("stays"), saved, atMs);
  for (const origin of ["a", "m", "m"]) coordinator.probed([{ origin, good: true, evidence: "200" }], atMs);
  return {
    coordinator,
    hears: messagesTo(coordinator, now),
    becomes: (member: "stays" | "leaves" | "gone", at = now) =>
      coordinator.reconfigure(withMember(member), at),
    mayGo: (at = now) => coordinator.drains.letGo("m", at),
  };
}

describe("a member that leaves may not go", () => {
  test("while a holder has a lease from before without a limit, though nothing is open there", () => {
    const { hears, becomes, mayGo } = start({ coordination: "leased" });
    const { lease } = hears({ want });
    expect(lease?.origins.map((leased) => [leased.origin, leased.slots])).toContainEqual(["m", undefined]);
    hears({ lease: 1 });
    becomes("leaves");
    expect(mayGo()).toBe(false);
    const { out } = hears({ lease: 1 });
    expect(out).toMatchObject({ draining: ["m"], down: [] });
    expect(mayGo(now + 1_000)).toBe(false);
    hears({ lease: 3, outSeen: out!.version });
    expect(mayGo(now + 1_000)).toBe(false);
    expect(mayGo(now + 1_000 + settleMs)).toBe(true);
  });

  test("while a request is open there", () => {
    const { hears, becomes, mayGo } = start();
    hears();
    becomes("leaves");
    const { version } = hears().out!;
    hears({ outSeen: version, held: [{ origin: "m", open: 1, forMs: 30_000 }] });
    expect(mayGo(now + settleMs)).toBe(false);
    hears({ outSeen: version });
    mayGo();
    expect(mayGo(now + settleMs)).toBe(true);
  });

  test("while an idle holder may not have heard of it, which is seconds; one that fell silent when it was busy, for minutes", () => {
    const { hears, becomes, mayGo } = start();
    hears({ holder: "idle" });
    becomes("leaves");
    expect(mayGo(now + idleForMs - 1)).toBe(false);
    mayGo(now + idleForMs);
    expect(mayGo(now + idleForMs + settleMs)).toBe(true);

    const busy = start({ onCoordinatorLoss: "exceed" });
    busy.hears({ held: [{ origin: "a", open: 1, forMs: 1_000 }] });
    busy.becomes("leaves");
    expect(busy.mayGo(now + silentForMs - 1)).toBe(false);
    busy.mayGo(now + silentForMs);
    expect(busy.mayGo(now + silentForMs + settleMs)).toBe(true);
  });

  test("before bound sessions are moved, which they are as soon as none has a request open there", () => {
    const { hears, becomes, mayGo } = start({ sticky });
    becomes("leaves");
    const bound = { ...want, pin };
    const { out, pick } = hears({ want: bound });
    expect([pick, out]).toMatchObject([{ origin: "m", pin: "kept" }, { draining: ["m"] }]);
    const draining = out!.version;
    hears({ outSeen: draining, held: [{ origin: "m", open: 1, forMs: 30_000 }] });
    expect(mayGo()).toBe(false);
    expect(hears({ outSeen: draining }).out).toBeUndefined();
    expect(mayGo()).toBe(false);
    const moved = hears({ outSeen: draining, want: bound });
    expect([moved.pick, moved.out]).toMatchObject([{ origin: "a", pin: "moved" }, { down: ["m"] }]);
    hears({ outSeen: moved.out!.version });
    mayGo();
    expect(mayGo(now + settleMs)).toBe(true);
  });
});

test("what its operator has ordered is one thing, that it leaves another", () => {
  const { coordinator, becomes } = start();
  becomes("leaves");
  const viewOf = () => coordinator.view(now).pools[0]?.origins.find(({ name }) => name === "m");
  expect(viewOf()).toMatchObject({ operator: "up", unavailableBecause: "draining" });
  coordinator.drains.operate("m", "down", now);
  becomes("stays");
  expect(viewOf()).toMatchObject({ operator: "down", unavailableBecause: "down" });
});

test("of one that has gone holders are told, so that it gets requests again when it comes back under its name", () => {
  const { hears, becomes } = start();
  becomes("leaves");
  const left = hears().out!;
  becomes("gone");
  const gone = hears({ outSeen: left.version }).out!;
  expect(gone.version).toBeGreaterThan(left.version);
  expect(gone).toMatchObject({ draining: [], down: [] });
  becomes("stays");
  expect(hears({ outSeen: gone.version }).out).toBeUndefined();
});

test("an object that has lost its memory gives the order anew, under a version that no isolate has seen", () => {
  const before = start();
  before.hears();
  before.becomes("leaves");
  const { version } = before.hears().out!;
  const after = start({}, { ...nothingSaved, epoch: 2 });
  after.becomes("leaves");
  after.hears({ seq: 3, outSeen: version });
  expect(after.mayGo()).toBe(false);
  const { out } = after.hears({ seq: 4, outSeen: version });
  expect(out?.version).toBeGreaterThan(version);
  after.hears({ seq: 5, outSeen: out!.version });
  after.mayGo();
  expect(after.mayGo(now + settleMs)).toBe(true);
});

test("… and tells holders anew of a member that is back, of which they heard in that earlier life that it leaves", () => {
  const { version } = (() => {
    const before = start();
    before.becomes("leaves");
    return before.hears().out!;
  })();
  const after = start({}, { ...nothingSaved, epoch: 2 });
  const { out } = after.hears({ seq: 2, outSeen: version });
  expect(out).toMatchObject({ draining: [], down: [] });
  expect(out!.version).toBeGreaterThan(version);
});
