/** The origin's model, transition by transition. */
import { describe, expect, it } from "vitest";
import { VirtualOrigin } from "./virtual-origin.ts";

describe("slots and queue", () => {
  it("serves as many requests at once as it has slots; the next waits and starts when one ends", () => {
    const origin = new VirtualOrigin().boot();
    const ids = Array.from({ length: 5 }, () => origin.arrive());
    expect(ids.map((id) => origin.fate(id).join())).toEqual([
      "started",
      "started",
      "started",
      "started",
      "queued",
    ]);
    expect(origin.model.stats()).toMatchObject({ slots: 4, busy: 4, queued: 1, open: 5, peakOpen: 5 });
    origin.finish();
    expect(origin.log).toContainEqual({ kind: "started", id: ids[4], serviceMs: 100, at: 100 });
    expect(origin.model.stats()).toMatchObject({ busy: 0, queued: 0, open: 0, peakOpen: 5, served: 5 });
  });

  it("refuses what fits neither in a slot nor in the queue", () => {
    const origin = new VirtualOrigin().boot();
    for (let n = 0; n < 6; n++) origin.arrive();
    const seventh = origin.arrive();
    expect(origin.log.at(-1)).toEqual({ kind: "refused", id: seventh, reason: "queue-full", at: 0 });
    origin.finish();
    expect(origin.model.stats()).toMatchObject({ arrived: 7, served: 6, refused: 1, peakOpen: 6 });
  });

  it("starts waiting requests in the order of their arrival", () => {
    const origin = new VirtualOrigin({ workers: 1, threads: 1, backlog: 3 }).boot();
    const ids = Array.from({ length: 4 }, () => origin.arrive());
    origin.finish();
    const started = origin.log.flatMap((event) => (event.kind === "started" ? [event.id] : []));
    expect(started).toEqual(ids);
  });

  it("keeps a slot busy until the answer's last byte is sent", () => {
    const origin = new VirtualOrigin({}, { bodyMs: 50 }).boot();
    origin.arrive();
    origin.advance(149);
    expect(origin.model.stats()).toMatchObject({ busy: 1, served: 0 });
    origin.advance(1);
    expect(origin.model.stats()).toMatchObject({ busy: 0, served: 1, statuses: { 200: 1 } });
  });

  it("takes the service time that a request asks for instead of drawing one", () => {
    const origin = new VirtualOrigin().boot();
    origin.arrive({ serviceMs: 7 });
    expect(origin.log.at(-1)).toMatchObject({ kind: "started", serviceMs: 7 });
  });

  it("rejects an id that is still in use", () => {
    const origin = new VirtualOrigin().boot();
    origin.model.arrive({ id: 42 }, 0);
    expect(() => origin.model.arrive({ id: 42 }, 0)).toThrow("request 42 has arrived before");
  });
});

describe("worker recycling", () => {
  const oneWorker = { workers: 1, threads: 2, maxRequests: 2, restartMs: 500 };

  it("lets the worker's other threads finish before it restarts", () => {
    const origin = new VirtualOrigin({ ...oneWorker, maxRequests: 1 }).boot();
    origin.arrive({ serviceMs: 10 });
    origin.arrive({ serviceMs: 80 });
    origin.advance(50);
    const waits = origin.arrive();
    expect(origin.fate(waits)).toEqual(["queued"]);
    origin.finish();
    expect(origin.log).toContainEqual({ kind: "recycling", until: 580, at: 80 });
    expect(origin.log).toContainEqual({ kind: "started", id: waits, serviceMs: 100, at: 580 });
  });

  it("refuses while every worker restarts and the queue is full, and accepts again afterwards", () => {
    const origin = new VirtualOrigin({ ...oneWorker, backlog: 0 }).boot();
    origin.arrive();
    origin.arrive();
    origin.advance(100);
    expect(origin.fate(origin.arrive())).toEqual(["refused"]);
    origin.advance(500);
    expect(origin.fate(origin.arrive())).toEqual(["started"]);
    expect(origin.model.stats()).toMatchObject({ recycled: 1, refused: 1 });
  });

  it("goes on with the other workers while one restarts", () => {
    const origin = new VirtualOrigin({ workers: 2, threads: 1, maxRequests: 1, restartMs: 500 }).boot();
    origin.arrive();
    origin.advance(100);
    expect(origin.fate(origin.arrive())).toEqual(["started"]);
    expect(origin.fate(origin.arrive())).toEqual(["queued"]);
  });
});

describe("life", () => {
  it("needs no timer to be punctual: an arrival after the end of a cold start finds it over", () => {
    const { model } = new VirtualOrigin({ coldStartMs: 1000 });
    model.boot(0);
    expect(model.arrive({ id: 1 }, 1001)).toEqual([{ kind: "started", id: 1, serviceMs: 100 }]);
  });

  it("refuses everything until it is booted", () => {
    const origin = new VirtualOrigin();
    origin.arrive();
    expect(origin.log.at(-1)).toMatchObject({ kind: "refused", reason: "dead" });
  });

  it("refuses during a cold start, and accepts from its end on", () => {
    const origin = new VirtualOrigin({ coldStartMs: 1000 }).boot();
    origin.advance(999);
    origin.arrive();
    expect(origin.log.at(-1)).toMatchObject({ kind: "refused", reason: "starting" });
    origin.advance(1);
    expect(origin.fate(origin.arrive())).toEqual(["started"]);
  });

  it("can be booted warm, whatever the spec's cold start", () => {
    const origin = new VirtualOrigin({ coldStartMs: 1000 }).boot(0);
    expect(origin.model.stats().phase).toBe("up");
  });

  it("drops what it was doing when killed, ignores its late timers, and is empty after a reboot", () => {
    const origin = new VirtualOrigin().boot();
    const ids = Array.from({ length: 6 }, () => origin.arrive());
    origin.kill();
    expect(ids.every((id) => origin.fate(id).at(-1) === "dropped")).toBe(true);
    expect(origin.model.stats()).toMatchObject({ phase: "dead", open: 0, busy: 0, queued: 0, dropped: 6 });
    origin.boot();
    origin.arrive();
    origin.finish();
    expect(origin.model.stats()).toMatchObject({ arrived: 7, served: 1, dropped: 6 });
  });

  it("is not rebooted while it lives", () => {
    const origin = new VirtualOrigin({ coldStartMs: 1000 }).boot(0);
    origin.boot();
    expect(origin.model.stats().phase).toBe("up");
  });
});

describe("a client that leaves", () => {
  it("ends the open request at once, and the busy slot only when the service is over", () => {
    const origin = new VirtualOrigin().boot();
    const id = origin.arrive();
    origin.advance(10);
    origin.leave(id);
    expect(origin.model.stats()).toMatchObject({ open: 0, busy: 1, abandoned: 1 });
    origin.advance(90);
    expect(origin.model.stats()).toMatchObject({ busy: 0, served: 0, statuses: {} });
    expect(origin.fate(id)).toEqual(["started"]);
  });

  it("is served all the same when it leaves the queue: the application does not know", () => {
    const origin = new VirtualOrigin({ workers: 1, threads: 1 }).boot();
    origin.arrive();
    const queued = origin.arrive();
    origin.leave(queued);
    expect(origin.model.stats()).toMatchObject({ open: 1, queued: 1 });
    origin.advance(150);
    expect(origin.model.stats()).toMatchObject({ open: 0, queued: 0, busy: 1 });
  });

  it("frees the slot at once when the answer is being sent: the write fails", () => {
    const origin = new VirtualOrigin({}, { bodyMs: 1000 }).boot();
    const id = origin.arrive();
    origin.advance(200);
    origin.leave(id);
    expect(origin.model.stats()).toMatchObject({ busy: 0, abandoned: 1 });
    origin.finish();
    expect(origin.model.stats()).toMatchObject({ served: 0, abandoned: 1 });
  });

  it("counts once, however often it is reported", () => {
    const origin = new VirtualOrigin().boot();
    const id = origin.arrive();
    origin.leave(id);
    origin.leave(id);
    expect(origin.model.stats()).toMatchObject({ open: 0, abandoned: 1 });
  });
});

describe("stats", () => {
  it("begin afresh on reset, with what is open as the peak so far", () => {
    const origin = new VirtualOrigin().boot();
    for (let n = 0; n < 8; n++) origin.arrive();
    origin.advance(100);
    origin.model.resetStats();
    const fresh = { open: 2, peakOpen: 2, arrived: 2, served: 0, refused: 0, statuses: {} };
    expect(origin.model.stats()).toMatchObject(fresh);
  });
});
