/**
 * A random attacker among honest clients, on Weir as it ships: no origin is taken out, no honest client gets an error, and no session is served elsewhere.
 * The same rules for the judges alone: `test/unit/core/health/attacker.test.ts`. A failure says how to see it again.
 */
import fc from "fast-check";

import { eventually, inFlight, origins, type Stack } from "../stack.ts";
import { attack, type Tally } from "./attacker.ts";
import { serve, type Fault, type Served } from "./honest.ts";
import { goodPath } from "./origin.ts";
import { anySchedule, type Schedule } from "./schedule.ts";
import type { AttackedSite } from "./site.ts";

export interface AttackTrial {
  readonly schedules: number;
  readonly seed: number;
  /** No further schedule is begun after so long. */
  readonly longestMs?: number;
  /** Also plays some schedules with good pages in place of what they ask for, and honest clients alone, to compare times. */
  readonly compares?: boolean;
  /** Hears after each how many schedules there have been. */
  readonly onProgress?: (schedules: number) => void;
}

export interface AttackTried {
  schedules: number;
  /** What the attacker got, and how often. */
  readonly attacker: Tally;
  /** The times of honest clients' requests, in ms: alone, beside as many requests for good pages, beside the attacker. */
  readonly times: {
    readonly alone: number[];
    readonly "beside a crowd": number[];
    readonly "beside the attacker": number[];
  };
  /** What failed, and how to replay it. */
  failure?: string;
}

/** Each honest client asks at least so many times. */
const least = 6;

const comparedEvery = 10;

/** Tries so many schedules, on the same site: what one has left behind, the next one meets. */
export async function tryAttacks(
  site: AttackedSite,
  { schedules, seed, longestMs = Infinity, compares = false, onProgress }: AttackTrial,
): Promise<AttackTried> {
  const tried: AttackTried = {
    schedules: 0,
    attacker: new Map(),
    times: { alone: [], "beside a crowd": [], "beside the attacker": [] },
  };
  const untilMs = performance.now() + longestMs;
  for (const schedule of fc.sample(anySchedule, { seed, numRuns: schedules })) {
    if (performance.now() > untilMs) break;
    if (compares && tried.schedules % comparedEvery === 0) await compare(site, schedule, tried);
    tried.schedules++;
    const faults = await tryOne(site, schedule, tried);
    if (faults.length > 0) {
      const what = `Schedule ${tried.schedules} of seed ${seed}: ${fc.stringify(schedule)}`;
      const replay = `SEED=${seed} vitest run --config test/long/vitest.config.ts test/long/one-client.test.ts`;
      tried.failure = `${faults.join("\n")}\n${what}\nReplay it: ${replay}`;
      return tried;
    }
    onProgress?.(tried.schedules);
  }
  await eventually("no slot is in use", async () =>
    Object.values(await inFlight(site.stack)).every((open) => open === 0),
  );
  return tried;
}

/** Plays the schedule beside honest clients. Returns all that was not as it should be. */
async function tryOne(
  site: AttackedSite,
  schedule: Schedule,
  tried: AttackTried,
): Promise<readonly string[]> {
  const { stack } = site;
  const from = stack.events.length;
  const { faults, times } = await playBeside(site, schedule, tried.attacker);
  tried.times["beside the attacker"].push(...times);
  const changes = stack.events
    .slice(from)
    .filter(({ event, to }) => event === "health" && to !== "healthy")
    .map((change) => JSON.stringify(change));
  const out = origins(await stack.admin.upstreams())
    .filter(({ available }) => !available)
    .map(({ name }) => `${name} is not available`);
  return [...changes, ...out, ...faults.map((fault) => explain(fault, stack))];
}

/** What happened, and what Weir's log says of that request. */
function explain({ what, path }: Fault, { events }: Stack): string {
  const line = events.find((one) => one["event"] === "request" && one["path"] === path);
  return `${what}: ${JSON.stringify(line)}`;
}

async function compare(site: AttackedSite, schedule: Schedule, { times }: AttackTried): Promise<void> {
  const alone = await serve(site.stack.url, site.honest, { least });
  times.alone.push(...alone.times);
  const good = schedule.map((act) => ({ ...act, way: "ask" as const, path: goodPath }));
  const crowded = await playBeside(site, good, new Map());
  times["beside a crowd"].push(...crowded.times);
}

async function playBeside(
  { stack, honest, attacker }: AttackedSite,
  schedule: Schedule,
  tally: Tally,
): Promise<Served> {
  let isOver = false;
  const attacking = attack(attacker, schedule, tally).finally(() => (isOver = true));
  const [served] = await Promise.all([serve(stack.url, honest, { least, isOver: () => isOver }), attacking]);
  return served;
}
