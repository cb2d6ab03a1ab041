/** What each fault does to an origin, and which faults an operator may ask for. */
import { describe, expect, it } from "vitest";
import { noFault, parseFault } from "../../../origin-sim/model/fault.ts";
import { VirtualOrigin } from "./virtual-origin.ts";

describe("a fault", () => {
  it("slow: multiplies the time of services that start from then on", () => {
    const origin = new VirtualOrigin().boot();
    origin.arrive();
    origin.setFault({ kind: "slow", factor: 10 });
    origin.arrive();
    origin.arrive({ serviceMs: 7 });
    const times = origin.log.flatMap((event) => (event.kind === "started" ? [event.serviceMs] : []));
    expect(times).toEqual([100, 1000, 70]);
  });

  it("status: replaces the answer's status and is counted under it", () => {
    const origin = new VirtualOrigin().boot();
    origin.setFault({ kind: "status", status: 503 });
    const id = origin.arrive();
    origin.finish();
    expect(origin.log).toContainEqual({ kind: "answered", id, status: 503, cut: false, at: 100 });
    expect(origin.model.stats().statuses).toEqual({ 503: 1 });
  });

  it("hang: keeps slots busy, what is in service included, until the queue is full and it refuses", () => {
    const origin = new VirtualOrigin().boot();
    const early = origin.arrive();
    origin.setFault({ kind: "hang" });
    for (let n = 0; n < 6; n++) origin.arrive();
    origin.finish();
    expect(origin.fate(early)).toEqual(["started", "held"]);
    expect(origin.model.stats()).toMatchObject({ busy: 4, queued: 2, served: 0, refused: 1 });
  });

  it("hang: what was held is answered when it is cleared, and the queue moves on", () => {
    const origin = new VirtualOrigin().boot();
    origin.setFault({ kind: "hang" });
    const ids = Array.from({ length: 6 }, () => origin.arrive());
    origin.advance(5000);
    origin.leave(ids[0] ?? 0);
    expect(origin.model.stats()).toMatchObject({ open: 5, busy: 4 });
    origin.setFault(noFault);
    origin.finish();
    expect(origin.model.stats()).toMatchObject({ open: 0, busy: 0, queued: 0, served: 5, abandoned: 1 });
  });

  it("hang: asked for again, goes on holding", () => {
    const origin = new VirtualOrigin().boot();
    origin.setFault({ kind: "hang" });
    const id = origin.arrive();
    origin.finish();
    origin.setFault({ kind: "hang" });
    expect(origin.fate(id)).toEqual(["started", "held"]);
  });

  it("refuse: resets each new request and lets the earlier ones finish", () => {
    const origin = new VirtualOrigin().boot();
    const early = origin.arrive();
    origin.setFault({ kind: "refuse" });
    origin.arrive();
    expect(origin.log.at(-1)).toMatchObject({ kind: "refused", reason: "fault" });
    origin.finish();
    expect(origin.fate(early)).toEqual(["started", "answered"]);
  });

  it("cut-body: breaks the answer off, which is not a request served", () => {
    const origin = new VirtualOrigin().boot();
    origin.setFault({ kind: "cut-body" });
    const id = origin.arrive();
    origin.finish();
    expect(origin.log).toContainEqual({ kind: "answered", id, cut: true, at: 100 });
    expect(origin.model.stats()).toMatchObject({ served: 0, cut: 1, busy: 0, statuses: {} });
  });
});

describe("a health check", () => {
  const uncounted = { open: 0, peakOpen: 0, arrived: 0, served: 0, refused: 0, statuses: {} };

  it("is answered at once beside busy slots and a full queue, and is counted nowhere", () => {
    const origin = new VirtualOrigin({ workers: 1, threads: 1, backlog: 0 }).boot();
    origin.arrive();
    const check = origin.arrive({ health: true });
    origin.advance(0);
    expect(origin.fate(check)).toEqual(["started", "answered"]);
    expect(origin.model.stats()).toMatchObject({ open: 1, peakOpen: 1, arrived: 1 });
  });

  it("waits for a slot when it does not bypass the queue, and is still not counted", () => {
    const origin = new VirtualOrigin({ workers: 1, threads: 1, healthBypassesQueue: false }).boot();
    origin.arrive();
    const check = origin.arrive({ health: true });
    expect(origin.model.stats()).toMatchObject({ queued: 1, open: 1 });
    origin.finish();
    expect(origin.log).toContainEqual({ kind: "answered", id: check, cut: false, at: 100 });
    expect(origin.model.stats()).toMatchObject({ arrived: 1, served: 1, queued: 0, busy: 0 });
  });

  it.each([
    ["none", noFault, { kind: "answered", cut: false }],
    ["slow", { kind: "slow", factor: 10 }, { kind: "answered", at: 0 }],
    ["status", { kind: "status", status: 500 }, { kind: "answered", status: 500 }],
    ["hang", { kind: "hang" }, { kind: "held" }],
    ["refuse", { kind: "refuse" }, { kind: "refused", reason: "fault" }],
    ["cut-body", { kind: "cut-body" }, { kind: "answered", cut: false }],
  ] as const)("follows the fault %s where it concerns it", (_, fault, last) => {
    const origin = new VirtualOrigin().boot();
    origin.setFault(fault);
    const check = origin.arrive({ health: true });
    origin.finish();
    expect(origin.log.at(-1)).toMatchObject({ id: check, ...last });
    expect(origin.model.stats()).toMatchObject(uncounted);
  });

  it("gets a 503 during a cold start", () => {
    for (const healthBypassesQueue of [true, false]) {
      const origin = new VirtualOrigin({ coldStartMs: 1000, healthBypassesQueue }).boot();
      origin.arrive({ health: true });
      origin.advance(0);
      expect(origin.log.at(-1)).toMatchObject({ kind: "answered", status: 503 });
    }
  });

  it("leaves nothing behind when its client goes away during a hang", () => {
    const origin = new VirtualOrigin().boot();
    origin.setFault({ kind: "hang" });
    const check = origin.arrive({ health: true });
    origin.advance(0);
    origin.leave(check);
    origin.setFault(noFault);
    expect(origin.fate(check)).toEqual(["started", "held"]);
  });
});

describe("parsing a fault", () => {
  it.each([
    { kind: "none" },
    { kind: "slow", factor: 1.5 },
    { kind: "slow", factor: 1000 },
    { kind: "status", status: 400 },
    { kind: "status", status: 599 },
    { kind: "hang" },
    { kind: "refuse" },
    { kind: "cut-body" },
  ])("accepts %o", (fault) => {
    expect(parseFault(fault)).toEqual({ ok: true, fault });
  });

  it.each([
    [undefined, "found nothing"],
    [null, "found null"],
    [[], "found kind nothing"],
    ["hang", 'found "hang"'],
    [{}, "found kind nothing"],
    [{ kind: "explode" }, 'found kind "explode"'],
    [{ kind: "toString" }, 'found kind "toString"'],
    [{ kind: "slow" }, "found factor nothing"],
    [{ kind: "slow", factor: "10" }, 'found factor "10"'],
    [{ kind: "slow", factor: 0.5 }, "found factor 0.5"],
    [{ kind: "status", status: 200 }, "found status 200"],
    [{ kind: "status", status: 500.5 }, "found status 500.5"],
    [{ kind: "hang", ms: 5 }, 'found the unknown field "ms"'],
  ])("rejects %o, saying what was found and what is accepted", (value, found) => {
    const parsed = parseFault(value);
    expect(parsed).toMatchObject({ ok: false });
    expect(parsed).toHaveProperty("problem", expect.stringContaining(found));
    expect(parsed).toHaveProperty("problem", expect.stringContaining('{"kind":"slow","factor":F}'));
  });
});
