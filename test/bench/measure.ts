/**
 * The run: every rung is started once and stays up, idle outside its turns, so that none pays for a cold start
 * and none is measured beside another's load. In each round every rung has a turn of a second, which gives the
 * latencies; then all of them share a while in slices (`slices.ts`), which gives throughput and CPU time.
 */
import { request } from "undici";
import { residentMb } from "./process-usage.ts";
import type { RunningRung } from "./rung.ts";
import { runSlices } from "./slices.ts";
import { bodyBytes, type Body } from "./traffic.ts";
import { runLoad, type LoadResult } from "./wrk.ts";

/** A rung that runs. */
export interface Target extends Omit<RunningRung, "stop"> {
  readonly name: string;
}

/** One rung in one round. */
export interface Turn {
  readonly target: string;
  readonly body: Body;
  readonly round: number;
  /** These three are of its slices. */
  readonly requests: number;
  readonly rps: number;
  readonly cpuMsPerRequest: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** At the end of the turn. */
  readonly rssMb: number;
  /** What went wrong, in a few words each; the turn then counts for nothing. */
  readonly errors: readonly string[];
}

export interface Plan {
  readonly bodies: readonly Body[];
  readonly rounds: number;
  /** Of slices, for each rung, body and round. */
  readonly seconds: number;
  readonly connections: number;
  readonly signal: AbortSignal;
  /** Hears what happens next. */
  readonly onProgress: (step: string) => void;
}

/** V8 compiles the last of Weir's functions anew after some ten thousand requests, on the core that the load comes from. */
const warmUpSeconds = 10;

/** Long enough for a 99th percentile. */
const turnSeconds = 1;

/** Measures all targets with each body. */
export async function measure(targets: readonly Target[], plan: Plan): Promise<Turn[]> {
  for (const body of plan.bodies) {
    for (const target of targets) {
      plan.onProgress(`warming up · ${target.name} · ${body}`);
      await runLoad({ ...plan, url: `${target.url}/${body}`, seconds: warmUpSeconds });
    }
  }
  const turns: Turn[] = [];
  for (let round = 1; round <= plan.rounds; round++) {
    for (const body of plan.bodies) turns.push(...(await takeTurns(targets, body, round, plan)));
  }
  return turns;
}

async function takeTurns(targets: readonly Target[], body: Body, round: number, plan: Plan): Promise<Turn[]> {
  const whole: (LoadResult & { readonly wrongAnswers: readonly string[] })[] = [];
  for (const target of targets) {
    plan.onProgress(`round ${round} of ${plan.rounds} · ${target.name} · ${body}`);
    const wrongAnswers = await checkAnswer(target, body);
    const load = await runLoad({ ...plan, url: `${target.url}/${body}`, seconds: turnSeconds });
    whole.push({ ...load, wrongAnswers });
  }
  plan.onProgress(`round ${round} of ${plan.rounds} · all in slices · ${body}`);
  const slices = await runSlices(targets, body, plan);
  return targets.flatMap((target, index): Turn[] => {
    const [turn, share] = [whole[index], slices[index]];
    if (turn === undefined || share === undefined) return [];
    const { result, rps, cpuMsPerRequest } = share;
    return [
      {
        target: target.name,
        body,
        round,
        requests: result.requests,
        rps,
        cpuMsPerRequest,
        p50Ms: turn.p50Ms,
        p99Ms: turn.p99Ms,
        rssMb: residentMb(target.pid),
        errors: [...turn.wrongAnswers, ...errorsOf(turn, body), ...errorsOf(result, body)],
      },
    ];
  });
}

/** What a load's result says of its answers, in a few words each. */
export function errorsOf({ requests, bytes, errors }: LoadResult, body: Body): string[] {
  const counted = Object.entries(errors).flatMap(([kind, count]) =>
    count > 0 ? [`${count} × ${kind}`] : [],
  );
  if (requests === 0) return [...counted, "no answer"];
  // wrk does not look into bodies; an answer that lacks some of its own shows in the sum.
  return bytes < requests * bodyBytes[body] ? [...counted, "bodies cut short"] : counted;
}

/** Asks once, and says what is wrong with the answer if it is not 200 with the whole body. */
export async function checkAnswer({ url }: Target, body: Body): Promise<string[]> {
  try {
    const response = await request(`${url}/${body}`, { reset: true });
    const { byteLength } = await response.body.arrayBuffer();
    const expected = bodyBytes[body];
    if (response.statusCode === 200 && byteLength === expected) return [];
    return [`an answer with status ${response.statusCode} and ${byteLength} bytes, not 200 and ${expected}`];
  } catch (error) {
    return [`no answer: ${String(error)}`];
  }
}
