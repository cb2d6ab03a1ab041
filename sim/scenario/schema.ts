/**
 * The shape of a scenario as a person writes it (docs/simulator.md). Only shapes and ranges: what must fit together is
 * in `rules.ts`, what may be left out in `complete.ts`.
 */
import * as z from "zod";
import { flag, integer, list, object, share } from "../../worker/config/kinds/fields.ts";
import { file, hourMs, kind, kinds, millis, name, number, optional, positive } from "./fields.ts";

export const work = kinds(
  [
    object("an object with ms", { kind: kind("constant"), ms: positive(hourMs) }),
    object("an object with meanMs", { kind: kind("exponential"), meanMs: positive(hourMs) }),
    object("an object with meanMs, sdMs", {
      kind: kind("normal"),
      meanMs: positive(hourMs),
      sdMs: number(0, hourMs),
    }),
    object("an object with meanMs, cv", {
      kind: kind("lognormal"),
      meanMs: positive(hourMs),
      cv: number(0, 100),
    }),
    object("an object with minMs, shape", {
      kind: kind("pareto"),
      minMs: positive(hourMs),
      shape: z.number({ error: "a number above 1: below it there is no mean" }).gt(1).max(100),
    }),
    object("an object with file", { kind: kind("trace"), file }),
  ],
  '"constant", "exponential", "normal", "lognormal", "pareto", "trace"',
);

const arrivals = kinds(
  [
    object("an object", { kind: kind("poisson"), ratePerSecond: optional(positive(1e6)) }),
    object("an object with amplitude, periodMs", {
      kind: kind("diurnal"),
      ratePerSecond: optional(positive(1e6)),
      amplitude: share(1),
      periodMs: positive(24 * hourMs),
    }),
    object("an object with atMs, peak, holdMs", {
      kind: kind("flash-crowd"),
      ratePerSecond: optional(positive(1e6)),
      atMs: millis(),
      rampMs: optional(millis()),
      holdMs: millis(),
      fallMs: optional(millis()),
      peak: number(1, 100),
    }),
    object("an object with ratePerSecond, points", {
      kind: kind("profile"),
      ratePerSecond: positive(1e6),
      points: list(
        object("an object with atMs, factor", { atMs: millis(), factor: number(0, 100) }),
        1,
        1000,
        "points of a profile",
      ),
    }),
    object("an object with file", { kind: kind("trace"), ratePerSecond: optional(positive(1e6)), file }),
  ],
  '"poisson", "diurnal", "flash-crowd", "profile", "trace"',
);

const antagonist = kinds(
  [
    object("an object", { kind: kind("never") }),
    object("an object", { kind: kind("always") }),
    object("an object with busyMeanMs, idleMeanMs", {
      kind: kind("switching"),
      busyMeanMs: millis(1, hourMs),
      idleMeanMs: millis(1, hourMs),
    }),
  ],
  '"never", "always", "switching"',
);

const range = object("an object with from, to", { from: number(1, 1000), to: number(1, 1000) });
const spare = z.union([number(1, 1000), range], {
  error: "a number from 1 to 1000, or an object with from, to",
});

const anyServer = {
  count: optional(integer(1, 10_000)),
  speed: optional(positive(1000)),
  weight: optional(positive(1000)),
  maxConns: optional(integer(1, 1_000_000)),
  work: optional(work),
};

const servers = kinds(
  [
    object("an object with cores", {
      ...anyServer,
      kind: kind("cores"),
      cores: positive(1024),
      spare: optional(spare),
      antagonist: optional(antagonist),
    }),
    object("an object with workers", {
      ...anyServer,
      kind: kind("slots"),
      workers: integer(1, 10_000),
      threads: optional(integer(1, 10_000)),
      backlog: optional(integer(0, 1_000_000)),
      maxRequests: optional(integer(1, 1e9)),
      restartMs: optional(millis()),
    }),
  ],
  '"cores", "slots"',
);

const pool = object("an object with name, servers", {
  name,
  servers: list(servers, 1, 1000, "groups of servers"),
  capacity: optional(z.literal("auto", { error: '"auto"' })),
  rttMs: optional(millis(0, 60_000)),
  coldStartMs: optional(millis()),
  priceMs: optional(millis(0, 60_000)),
  cost: optional(
    object("an object (keys: perRequest, perServerHour)", {
      perRequest: optional(number(0, 1e6)),
      perServerHour: optional(number(0, 1e6)),
    }),
  ),
  scaling: optional(
    object("an object with target, everyMs, delayMs", {
      min: optional(integer(0, 10_000)),
      target: positive(1000),
      everyMs: millis(1, hourMs),
      delayMs: millis(),
      idleMs: optional(millis()),
      reserve: optional(number(0, 10)),
    }),
  ),
});

const serverNames = list(name, 1, 10_000, "names of servers");
const when = { atMs: millis(), untilMs: optional(millis()) };

const fault = kinds(
  [
    object("an object with servers, atMs, factor", {
      kind: kind("slow"),
      ...when,
      servers: serverNames,
      factor: number(1, 10_000),
    }),
    object("an object with servers, atMs", {
      kind: kind("fast-failing"),
      ...when,
      servers: serverNames,
      afterMs: optional(millis()),
    }),
    object("an object with servers, atMs", { kind: kind("dead"), ...when, servers: serverNames }),
    object("an object with atMs", { kind: kind("dead-coordinator"), ...when }),
    object("an object with atMs, share", {
      kind: kind("dead-dispatchers"),
      atMs: millis(),
      share: share(1),
    }),
    object("an object with atMs, share", { kind: kind("lost-reports"), ...when, share: share(1) }),
  ],
  '"slow", "fast-failing", "dead", "dead-coordinator", "dead-dispatchers", "lost-reports"',
);

const retries = object("an object (keys: attempts, budget)", {
  attempts: integer(0, 3),
  budget: optional(share(1)),
});

const health = object("an object (keys: active, passive)", {
  active: optional(
    object("an object (keys: intervalMs, rise, fall)", {
      intervalMs: optional(millis(1, hourMs)),
      rise: optional(integer(1, 100)),
      fall: optional(integer(1, 100)),
    }),
  ),
  passive: optional(
    object("an object (keys: failures, ejectMs, maxEjectMs)", {
      failures: optional(integer(2, 1000)),
      ejectMs: optional(millis(1)),
      maxEjectMs: optional(millis(1)),
    }),
  ),
});

const burst = object("an object with fromMs, untilMs, sloMs", {
  fromMs: millis(),
  untilMs: millis(),
  sloMs: positive(hourMs),
});

const weir = object("an object (keys: queue, burst)", {
  queue: optional(
    object("an object (keys: length, timeoutMs)", {
      length: optional(integer(1, 10_000)),
      timeoutMs: optional(millis(10, 60_000)),
    }),
  ),
  burst: optional(flag()),
});

export const scenarioSchema = object("a scenario: an object with name, measureMs, work, pools", {
  $schema: optional(z.string()),
  name,
  description: optional(z.string({ error: "text" })),
  warmupMs: optional(millis()),
  measureMs: positive(24 * hourMs),
  loads: optional(list(positive(100), 1, 100, "loads")),
  policies: optional(list(z.string({ error: "the name of a policy" }), 1, 100, "names of policies")),
  seeds: optional(integer(1, 1000)),
  dispatchers: optional(
    object("an object (keys: count, regions, zipf, reshuffleMs)", {
      count: optional(integer(1, 10_000)),
      regions: optional(integer(1, 256)),
      zipf: optional(number(0, 10)),
      reshuffleMs: optional(millis(1)),
    }),
  ),
  regions: optional(
    list(
      object("an object with name", {
        name,
        dispatchers: optional(integer(1, 10_000)),
        rttMs: optional(millis(0, 60_000)),
        rootRttMs: optional(millis(0, 60_000)),
      }),
      1,
      256,
      "regions",
    ),
  ),
  network: optional(
    object("an object of times", {
      coordinatorRttMs: optional(millis(0, 60_000)),
      regionRttMs: optional(millis(0, 60_000)),
      syncMs: optional(millis(1, 60_000)),
      syncLagMs: optional(millis(0, 60_000)),
      coordinatorTimeoutMs: optional(millis(0, 60_000)),
      probeRttMs: optional(millis(0, 60_000)),
    }),
  ),
  requests: optional(
    object("an object (keys: timeoutMs, attemptTimeoutMs, cancels, retries)", {
      timeoutMs: optional(positive(hourMs)),
      attemptTimeoutMs: optional(positive(hourMs)),
      cancels: optional(flag()),
      retries: optional(retries),
    }),
  ),
  work,
  arrivals: optional(arrivals),
  pools: list(pool, 1, 16, "pools"),
  health: optional(health),
  faults: optional(list(fault, 0, 1000, "faults")),
  burst: optional(burst),
  weir: optional(weir),
});

/** A scenario as written, of the right shape. */
export type WrittenScenario = z.infer<typeof scenarioSchema>;
