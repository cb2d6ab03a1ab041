/**
 * The run: every rung is started once and stays up, idle outside its turns, so that none pays for a cold start
 * and none is measured beside another's load. Turns go round and round (A B C D, A B C D …): what disturbs the
 * machine for a while then disturbs all of them, and neighbours in a round can be compared.
 */
import { request } from "undici";
import { cpuTimeMs, residentMb } from "./process-usage.ts";
import { bodies, bodyBytes, type Body } from "./traffic.ts";
import { runLoad, type LoadResult } from "./wrk.ts";

/** A rung that runs. */
export interface Target {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
}

/** One rung under load for a few seconds. */
export interface Turn {
  readonly target: string;
  readonly body: Body;
  readonly round: number;
  readonly requests: number;
  readonly rps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMsPerRequest: number;
  /** At the end of the turn. */
  readonly rssMb: number;
  /** What went wrong, in a few words each; the turn then counts for nothing. */
  readonly errors: readonly string[];
}

export interface Plan {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly signal: AbortSignal;
  /** Hears what happens next. */
  readonly onProgress: (step: string) => void;
}

/** Long enough for V8 to have optimized what it will. */
const warmUpSeconds = 3;

/** Measures all targets with both bodies. */
export async function measure(targets: readonly Target[], plan: Plan): Promise<Turn[]> {
  for (const body of bodies) {
    for (const target of targets) {
      plan.onProgress(`warming up · ${target.name} · ${body}`);
      await runLoad({ ...plan, url: `${target.url}/${body}`, seconds: warmUpSeconds });
    }
  }
  const turns: Turn[] = [];
  for (let round = 1; round <= plan.rounds; round++) {
    for (const body of bodies) {
      for (const target of targets) {
        plan.onProgress(`round ${round} of ${plan.rounds} · ${target.name} · ${body}`);
        turns.push(await takeTurn(target, body, round, plan));
      }
    }
  }
  return turns;
}

async function takeTurn(target: Target, body: Body, round: number, plan: Plan): Promise<Turn> {
  const { name, url, pid } = target;
  const wrongAnswers = await checkAnswer(target, body);
  const cpuBeforeMs = cpuTimeMs(pid);
  const load = await runLoad({ ...plan, url: `${url}/${body}` });
  const cpuMs = cpuTimeMs(pid) - cpuBeforeMs;
  return {
    target: name,
    body,
    round,
    requests: load.requests,
    rps: (load.requests / load.durationMs) * 1000,
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    cpuMsPerRequest: cpuMs / load.requests,
    rssMb: residentMb(pid),
    errors: [...wrongAnswers, ...errorsOf(load, body)],
  };
}

function errorsOf({ requests, bytes, errors }: LoadResult, body: Body): string[] {
  const counted = Object.entries(errors).flatMap(([kind, count]) =>
    count > 0 ? [`${count} × ${kind}`] : [],
  );
  if (requests === 0) return [...counted, "no answer"];
  // wrk does not look into bodies; an answer that lacks some of its own shows in the sum.
  return bytes < requests * bodyBytes[body] ? [...counted, "bodies cut short"] : counted;
}

/** Asks once, and says what is wrong with the answer if it is not 200 with the whole body. */
async function checkAnswer({ url }: Target, body: Body): Promise<string[]> {
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
