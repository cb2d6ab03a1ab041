/**
 * One round of active health: every origin of an upstream is asked once, six at a time, because the platform
 * lets no more requests of one event wait for headers. The same transports and the same classifier as real
 * traffic, so that a probe fails exactly when a request would.
 */
import type { ProbeResult } from "../../core/health/health-book.ts";
import type { ActiveHealth } from "../../core/upstream.ts";
import type { OriginConfig, Target, UpstreamConfig } from "../config/config.ts";
import { classifyResponse, classifyThrown } from "./failure.ts";
import { sendToOrigin } from "./origin-request.ts";

const maxConcurrent = 6;

export async function probeOrigins(
  upstream: UpstreamConfig,
  health: ActiveHealth,
  platform: Target,
  bindings: object,
): Promise<ProbeResult[]> {
  const queue = upstream.pools.flatMap((pool) => pool.origins);
  const results: ProbeResult[] = [];
  const work = async (): Promise<void> => {
    for (let origin = queue.shift(); origin !== undefined; origin = queue.shift()) {
      results.push(await probe(origin, health, platform, bindings));
    }
  };
  await Promise.all(Array.from({ length: maxConcurrent }, work));
  return results;
}

async function probe(
  origin: OriginConfig,
  { method, path, headers, expect, timeoutMs }: ActiveHealth,
  platform: Target,
  bindings: object,
): Promise<ProbeResult> {
  const { name } = origin;
  const startedMs = Date.now();
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await sendToOrigin(origin, { target: path }, { method, headers, signal }, bindings);
    await response.body?.cancel();
    const failure = classifyResponse(response, origin, platform);
    const good =
      failure === undefined &&
      expect.some(({ from, to }) => from <= response.status && response.status <= to);
    return { origin: name, good, startedMs, evidence: `${response.status} in ${Date.now() - startedMs} ms` };
  } catch (error) {
    const { kind, detail } = classifyThrown(error);
    return {
      origin: name,
      good: false,
      startedMs,
      evidence: `${kind}: ${detail} after ${Date.now() - startedMs} ms`,
    };
  }
}
