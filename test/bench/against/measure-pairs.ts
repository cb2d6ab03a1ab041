/**
 * The old and the new Weir, side by side. V8 compiles a process's functions by chance a little better or worse, and that lasts as
 * long as the process: so both are started anew many times, and each start gives one pair. Within a start they take turns in
 * slices (`slices.ts`), so that whatever slows the machine down hits both. What is compared is the CPU time of a request: on a
 * shared machine throughput differs by three parts in a hundred from run to run, which hides most of what a change costs.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Plan, Target } from "../measure.ts";
import { checkAnswer, errorsOf } from "../measure.ts";
import type { Origin, Rung } from "../rung.ts";
import { runSlices } from "../slices.ts";
import type { Body } from "../traffic.ts";
import { runLoad } from "../wrk.ts";

export const sides = ["old", "new"] as const;
export type Side = (typeof sides)[number];

/** One rung in one start, on both sides. */
export interface Pair {
  readonly rung: string;
  readonly body: Body;
  /** User and system time of all threads, in ms a request. */
  readonly cpuMs: Readonly<Record<Side, number>>;
  /** What went wrong on either side; the pair then counts for nothing. */
  readonly errors: readonly string[];
}

export interface PairPlan extends Omit<Plan, "rounds"> {
  /** How often all of them are started. */
  readonly starts: number;
}

type Runner = Target & { readonly side: Side };

/** Enough for V8 to have compiled what matters; what it compiles later it compiles later on both sides. */
const warmUpSeconds = 3;

/** Measures every rung that both sides have. */
export async function measurePairs(
  rungs: Readonly<Record<Side, readonly Rung[]>>,
  origin: Origin,
  workDir: string,
  plan: PairPlan,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let start = 1; start <= plan.starts; start++) {
    await using started = new AsyncDisposableStack();
    const runners: Runner[] = [];
    for (const side of start % 2 === 0 ? sides : sides.toReversed()) {
      for (const rung of rungs[side]) {
        plan.signal.throwIfAborted();
        plan.onProgress(`start ${start} of ${plan.starts} · ${side} ${rung.name}`);
        const rungDir = join(workDir, `${start}-${side}-${rung.name}`);
        await mkdir(rungDir);
        const running = await rung.start(origin, rungDir);
        started.defer(running.stop);
        runners.push({ name: rung.name, side, ...running });
      }
    }
    for (const body of plan.bodies) pairs.push(...(await measureBody(runners, body, `start ${start}`, plan)));
  }
  return pairs;
}

async function measureBody(
  runners: readonly Runner[],
  body: Body,
  start: string,
  plan: PairPlan,
): Promise<Pair[]> {
  const wrong = new Map<Runner, readonly string[]>();
  for (const runner of runners) {
    plan.onProgress(`${start} of ${plan.starts} · warming up · ${runner.side} ${runner.name} · ${body}`);
    await runLoad({ ...plan, url: `${runner.url}/${body}`, seconds: warmUpSeconds });
    wrong.set(runner, await checkAnswer(runner, body));
  }
  plan.onProgress(`${start} of ${plan.starts} · all in slices · ${body}`);
  const slices = await runSlices(runners, body, plan);
  const costs = runners.flatMap((runner, index) => {
    const share = slices[index];
    if (share === undefined) return [];
    const errors = [...(wrong.get(runner) ?? []), ...errorsOf(share.result, body)];
    return [
      {
        ...runner,
        cpuMs: share.cpuMsPerRequest,
        errors: errors.map((error) => `${start}, ${runner.side}: ${error}`),
      },
    ];
  });
  const byRung = Map.groupBy(costs, ({ name }) => name);
  return [...byRung].flatMap(([rung, both]): Pair[] => {
    const [before, after] = sides.map((side) => both.find((cost) => cost.side === side));
    if (before === undefined || after === undefined) return [];
    const errors = [...before.errors, ...after.errors];
    return [{ rung, body, cpuMs: { old: before.cpuMs, new: after.cpuMs }, errors }];
  });
}
