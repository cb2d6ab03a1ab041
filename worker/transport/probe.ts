/**
 * One round of active health: every origin of an upstream is asked once, six at a time, because the platform
 * lets no more requests of one event wait for headers. The same transports and the same classifier as real
 * traffic, so that a probe fails exactly when a request would.
 */
import type { ActiveHealth, OriginName } from "../../core/model/upstream.ts";
import type { Target } from "../../core/protocol/config-section.ts";
import type { ProbeResult } from "../../core/protocol/probe-round.ts";
import type { OriginConfig } from "../config/sections/origin.ts";
import type { UpstreamConfig } from "../config/sections/upstream.ts";
import { probeWayTo } from "./connection-ways.ts";
import { classifyResponse, classifyThrown } from "./failure.ts";
import { sendToOrigin } from "./origin-request.ts";
import { probeHint, type ProbeAsked, type ProbeSeen } from "./probe-hint.ts";
import { withUnknownName } from "./unknown-name.ts";

const maxConcurrent = 6;

export interface ProbeRound {
  readonly target: Target;
  /** The origins that are asked; absent: all. */
  readonly only?: readonly OriginName[] | undefined;
}

export async function probeOrigins(
  upstream: UpstreamConfig,
  health: ActiveHealth,
  { target, only }: ProbeRound,
  bindings: object,
): Promise<ProbeResult[]> {
  const all = upstream.pools.flatMap((pool) => pool.origins);
  const queue = only === undefined ? all : all.filter(({ name }) => only.includes(name));
  const results: ProbeResult[] = [];
  const work = async (): Promise<void> => {
    for (let origin = queue.shift(); origin !== undefined; origin = queue.shift()) {
      results.push(await probe(origin, health, target, bindings));
    }
  };
  await Promise.all(Array.from({ length: maxConcurrent }, work));
  return results;
}

async function probe(
  origin: OriginConfig,
  health: ActiveHealth,
  platform: Target,
  bindings: object,
): Promise<ProbeResult> {
  const { name } = origin;
  const { method, path, headers, expect, timeoutMs } = health;
  const startedMs = Date.now();
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const init = { method, headers: new Headers(headers), body: null, signal };
    const own = probeWayTo(origin, platform);
    const response = await sendToOrigin(origin, { target: path }, init, bindings, own);
    await response.body?.cancel();
    const failure = classifyResponse(response, origin, platform);
    const good =
      failure === undefined &&
      expect.some(({ from, to }) => from <= response.status && response.status <= to);
    const evidence = `${response.status} in ${Date.now() - startedMs} ms`;
    if (good) return { origin: name, good, startedMs, evidence };
    const seen: ProbeSeen =
      failure === undefined
        ? { status: response.status, location: response.headers.get("Location") }
        : { failure: failure.kind };
    return { origin: name, good, startedMs, evidence, ...hinted(seen, { origin, health }) };
  } catch (error) {
    const { kind, detail } = await withUnknownName(classifyThrown(error), origin, platform);
    return {
      origin: name,
      good: false,
      ...(kind === "timeout" && { isLate: true }),
      startedMs,
      evidence: `${kind}: ${detail} after ${Date.now() - startedMs} ms`,
      ...hinted({ failure: kind }, { origin, health }),
    };
  }
}

function hinted(seen: ProbeSeen, asked: ProbeAsked): Pick<ProbeResult, "hint"> {
  const hint = probeHint(seen, asked);
  return hint === undefined ? {} : { hint };
}
