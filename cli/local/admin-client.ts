/** The part of Weir's API that the commands use: what it knows of its upstreams. */
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import type { OriginView } from "../../core/protocol/origin-view.ts";
import type { UpstreamReport, UpstreamView } from "../../core/protocol/upstream-view.ts";
import { ExpectedError } from "../expected-error.ts";

export interface AdminClient {
  /** @throws ExpectedError if the API refuses, or does not answer. */
  readonly upstreams: () => Promise<readonly UpstreamReport[]>;
}

const path = "/_weir/api/v1/upstreams";

/**
 * A client of the API at `url`.
 * @param host the Host to send, if `/_weir/` is only answered on some.
 */
export function adminClient(url: string, token: string, host?: string): AdminClient {
  const headers = { authorization: `Bearer ${token}`, ...(host !== undefined && { host }) };
  return {
    upstreams: async () => {
      const { statusCode, body } = await request(`${url}${path}`, { headers }).catch((error: unknown) => {
        throw new ExpectedError(`Weir does not answer GET ${url}${path}: ${String(error)}.`);
      });
      const answer: unknown = statusCode === 200 ? await body.json() : await body.text();
      if (!isUpstreamsAnswer(answer)) {
        throw new ExpectedError(
          `Weir answered GET ${path} with ${statusCode}: ${JSON.stringify(answer).slice(0, 200)}`,
        );
      }
      return answer.upstreams;
    },
  };
}

/** All origins of all upstreams. */
export const originsOf = (upstreams: readonly UpstreamView[]): readonly OriginView[] =>
  upstreams.flatMap(({ pools }) => pools.flatMap(({ origins }) => origins));

const pollMs = 50;

/**
 * Asks until `condition` holds, or until the deadline.
 * @returns how long that took in ms, or `undefined` if the deadline came first. Rejects when `signal` aborts.
 */
export async function awaitUpstreams(
  admin: AdminClient,
  condition: (upstreams: readonly UpstreamView[]) => boolean,
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const startedAtMs = performance.now();
  for (;;) {
    const upstreams = await admin.upstreams();
    const elapsedMs = performance.now() - startedAtMs;
    if (condition(upstreams)) return elapsedMs;
    if (elapsedMs >= deadlineMs) return undefined;
    await sleep(pollMs, undefined, signal && { signal });
  }
}

/** The Worker is built together with us, so its answer is known by its envelope. */
const isUpstreamsAnswer = (answer: unknown): answer is { readonly upstreams: readonly UpstreamReport[] } =>
  typeof answer === "object" && answer !== null && "upstreams" in answer && Array.isArray(answer.upstreams);
