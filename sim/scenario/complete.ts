/** From a scenario as written to a complete one: defaults, and groups of servers written out one by one. */
import type { Millis } from "../../core/model/upstream.ts";
import { capacityPerSecond } from "./capacity.ts";
import type { Arrivals, Fault, RegionSpec, Scenario, ServerSpec, WeirRules, Work } from "./scenario.ts";
import type { WrittenScenario } from "./schema.ts";

type WrittenPool = WrittenScenario["pools"][number];
type WrittenGroup = WrittenPool["servers"][number];
type WrittenWork = WrittenScenario["work"];
type WrittenArrivals = NonNullable<WrittenScenario["arrivals"]>;

/** The numbers of a trace file by its path as written; all that is asked for must be there. */
export type Traces = ReadonlyMap<string, readonly number[]>;

const defaults = {
  warmupMs: 0,
  seeds: 5,
  dispatchers: { count: 1, zipf: 0, reshuffleMs: Infinity },
  network: {
    coordinatorRttMs: 30,
    syncMs: 250,
    syncLagMs: 30,
    coordinatorTimeoutMs: 1000,
    probeRttMs: 1,
  },
  regionRttMs: 10,
  retries: { attempts: 0, budget: 0.1 },
  active: { intervalMs: 5000, rise: 2, fall: 3 },
  passive: { failures: 5, ejectMs: 30_000, maxEjectMs: 300_000 },
  /** A queue without a bound, for all that a run can fill. */
  backlog: 1_000_000,
} as const;

/** Those of Weir's own config. */
export const weirDefaults = {
  queue: { length: 100, timeoutMs: 2000, priority: "normal" },
  burst: {
    enter: { at: { utilisation: 0.9 }, forMs: 10_000 },
    exit: { at: { utilisation: 0.7 }, forMs: 60_000 },
    minHoldMs: 60_000,
  },
} as const satisfies WeirRules;

export function completeScenario(written: WrittenScenario, traces: Traces): Scenario {
  const servers = serversOf(written, traces);
  const work = completeWork(written.work, traces);
  const arrivals = completeArrivals(written.arrivals ?? { kind: "poisson" }, traces);
  const { requests, health } = written;
  const { regions: _regions, ...dispatchers } = { ...defaults.dispatchers, ...written.dispatchers };
  const { regionRttMs = defaults.regionRttMs, ...times } = written.network ?? {};
  const network = { ...defaults.network, ...times };
  return {
    name: written.name,
    warmupMs: written.warmupMs ?? defaults.warmupMs,
    measureMs: written.measureMs,
    loads: written.loads ?? [1],
    ratePerSecond: ratePerSecond(written, servers, work, arrivals),
    policies: written.policies ?? ["adaptive"],
    seeds: written.seeds ?? defaults.seeds,
    dispatchers,
    regions: regionsOf(written, dispatchers.count, {
      rttMs: regionRttMs,
      rootRttMs: network.coordinatorRttMs,
    }),
    network,
    requests: {
      timeoutMs: requests?.timeoutMs ?? Infinity,
      attemptTimeoutMs: requests?.attemptTimeoutMs ?? Infinity,
      cancels: requests?.cancels ?? false,
      retries: { ...defaults.retries, ...requests?.retries },
    },
    work,
    arrivals,
    pools: written.pools.map(completePool),
    servers,
    health: {
      ...(health?.active && { active: { ...defaults.active, ...health.active } }),
      ...(health?.passive && { passive: { ...defaults.passive, ...health.passive } }),
    },
    faults: (written.faults ?? []).map((fault) => completeFault(fault, servers)),
    ...(written.burst && { burst: written.burst }),
    weir: completeWeir(written.weir ?? {}),
  };
}

/** The regions as written, or `dispatchers.regions` of them, all alike. Dispatchers that no region claims are spread evenly. */
function regionsOf(
  { regions, dispatchers }: WrittenScenario,
  count: number,
  times: Pick<RegionSpec, "rttMs" | "rootRttMs">,
): RegionSpec[] {
  const length = dispatchers?.regions ?? 1;
  const alike = Array.from({ length }, (_, index) => ({ name: `region-${index + 1}` }));
  const all: NonNullable<WrittenScenario["regions"]> = regions ?? alike;
  return all.map(({ name, ...said }, index) => ({
    name,
    dispatchers: said.dispatchers ?? Math.floor(count / all.length) + Number(index < count % all.length),
    rttMs: said.rttMs ?? times.rttMs,
    rootRttMs: said.rootRttMs ?? times.rootRttMs,
  }));
}

/** All servers of all pools, in order. The n-th of a pool, from 1, is called after it: `home-3`. */
export function serversOf({ pools }: Pick<WrittenScenario, "pools">, traces: Traces): ServerSpec[] {
  const servers: ServerSpec[] = [];
  for (const [pool, { name, servers: groups }] of pools.entries()) {
    let number = 0;
    for (const group of groups) {
      for (let index = 0; index < (group.count ?? 1); index++) {
        number++;
        servers.push({ name: `${name}-${number}`, pool, ...completeServer(group, index, traces) });
      }
    }
  }
  return servers;
}

function completeServer(
  group: WrittenGroup,
  index: number,
  traces: Traces,
): Omit<ServerSpec, "name" | "pool"> {
  return {
    speed: group.speed ?? 1,
    weight: group.weight ?? 1,
    ...(group.maxConns !== undefined && { maxConns: group.maxConns }),
    ...(group.work && { work: completeWork(group.work, traces) }),
    model: completeModel(group, index),
  };
}

function completeModel(group: WrittenGroup, index: number): ServerSpec["model"] {
  if (group.kind === "cores") {
    return {
      kind: "sharing",
      cores: group.cores,
      spare: spareOf(group.spare ?? 1, index, group.count ?? 1),
      antagonist: group.antagonist ?? { kind: "always" },
    };
  }
  return {
    kind: "slots",
    workers: group.workers,
    threads: group.threads ?? 1,
    backlog: group.backlog ?? defaults.backlog,
    restartMs: group.restartMs ?? 0,
    ...(group.maxRequests !== undefined && { maxRequests: group.maxRequests }),
  };
}

/** A range is spread evenly over the servers of a group. */
function spareOf(spare: number | { from: number; to: number }, index: number, count: number): number {
  if (typeof spare === "number") return spare;
  return count === 1 ? spare.from : spare.from + ((spare.to - spare.from) * index) / (count - 1);
}

function completePool({
  name,
  capacity,
  rttMs,
  coldStartMs,
  priceMs,
  cost,
  scaling,
}: WrittenPool): Scenario["pools"][number] {
  return {
    name,
    ...(capacity && { capacity }),
    rttMs: rttMs ?? 0,
    coldStartMs: coldStartMs ?? 0,
    priceMs: priceMs ?? 0,
    cost: { perRequest: cost?.perRequest ?? 0, perServerHour: cost?.perServerHour ?? 0 },
    ...(scaling && { scaling: { min: 1, idleMs: 120_000, reserve: 0, ...scaling } }),
  };
}

function completeWork(work: WrittenWork, traces: Traces): Work {
  return work.kind === "trace" ? { kind: "trace", samplesMs: traces.get(work.file) ?? [] } : work;
}

function completeArrivals(arrivals: WrittenArrivals, traces: Traces): Arrivals {
  switch (arrivals.kind) {
    case "trace":
      return { kind: "trace", timesMs: traces.get(arrivals.file) ?? [] };
    case "flash-crowd":
      return { rampMs: 0, fallMs: 0, ...arrivals };
    case "poisson":
    case "diurnal":
    case "profile":
      return arrivals;
  }
}

/** What is not said is as in Weir's own config. */
function completeWeir({ queue, burst }: NonNullable<WrittenScenario["weir"]>): WeirRules {
  return {
    ...(queue && { queue: { ...weirDefaults.queue, ...queue } }),
    ...(burst && { burst: weirDefaults.burst }),
  };
}

/** As written; else that of the trace; else what the guaranteed cores at home can just do. */
function ratePerSecond(
  written: WrittenScenario,
  servers: readonly ServerSpec[],
  work: Work,
  arrivals: Arrivals,
): number {
  if (written.arrivals?.ratePerSecond !== undefined) return written.arrivals.ratePerSecond;
  if (arrivals.kind === "trace") return recordedPerSecond(arrivals.timesMs);
  return capacityPerSecond(
    servers.filter(({ pool }) => pool === 0),
    work,
    false,
  );
}

function recordedPerSecond(timesMs: readonly Millis[]): number {
  return ((timesMs.length - 1) * 1000) / ((timesMs.at(-1) ?? 0) - (timesMs[0] ?? 0));
}

function completeFault(
  fault: NonNullable<WrittenScenario["faults"]>[number],
  servers: readonly ServerSpec[],
): Fault {
  const untilMs = "untilMs" in fault ? fault.untilMs : undefined;
  const when = { atMs: fault.atMs, untilMs: untilMs ?? Infinity };
  const indexes = (names: readonly string[]): number[] =>
    names.map((name) => servers.findIndex((server) => server.name === name));
  switch (fault.kind) {
    case "slow":
      return { ...when, kind: "slow", servers: indexes(fault.servers), factor: fault.factor };
    case "fast-failing":
      return { ...when, kind: "fast-failing", servers: indexes(fault.servers), afterMs: fault.afterMs ?? 1 };
    case "dead":
      return { ...when, kind: "dead", servers: indexes(fault.servers) };
    case "dead-coordinator":
      return { ...when, kind: "dead-coordinator" };
    case "dead-dispatchers":
      return { ...when, kind: "dead-dispatchers", share: fault.share };
    case "lost-reports":
      return { ...when, kind: "lost-reports", share: fault.share };
  }
}
