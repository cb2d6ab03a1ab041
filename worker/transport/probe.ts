/**
 * One round of active health: every origin of an upstream is asked once, six at a time, because the platform
 * lets no more requests of one event wait for headers. The same transports and the same classifier as real
 * traffic, so that a probe fails exactly when a request would.
 */
import type { ProbeResult } from "../../core/health/health-book.ts";
import type { ActiveHealth } from "../../core/upstream.ts";
import type { OriginConfig, UpstreamConfig } from "../config/config.ts";
import { classifyResponse, classifyThrown } from "./failure.ts";
import { transportFor } from "./transport.ts";

const maxConcurrent = 6;

export async function probeOrigins(
  upstream: UpstreamConfig,
  health: ActiveHealth,
  bindings: object,
): Promise<ProbeResult[]> {
  const queue = upstream.pools.flatMap((pool) => pool.origins);
  const results: ProbeResult[] = [];
  const work = async (): Promise<void> => {
    for (let origin = queue.shift(); origin !== undefined; origin = queue.shift()) {
      results.push(await probe(origin, health, bindings));
    }
  };
  await Promise.all(Array.from({ length: maxConcurrent }, work));
  return results;
}

async function probe(
  { name, url, via }: OriginConfig,
  { method, path, headers, expect, timeoutMs }: ActiveHealth,
  bindings: object,
): Promise<ProbeResult> {
  const startedMs = Date.now();
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await transportFor(via, bindings).send(`${url}${path}`, { method, headers, signal });
    await response.body?.cancel();
    const failure = classifyResponse(response, via);
    const good =
      failure === undefined &&
      expect.some(({ from, to }) => from <= response.status && response.status <= to);
    return { origin: name, good, evidence: `${response.status} in ${Date.now() - startedMs} ms` };
  } catch (error) {
    const { kind, detail } = classifyThrown(error);
    return { origin: name, good: false, evidence: `${kind}: ${detail} after ${Date.now() - startedMs} ms` };
  }
}
