/**
 * `weir check --probe`: each origin is asked once, as its probes will ask it, from this machine. What it says holds here: a
 * private network may look different from where Weir runs, and an origin behind a binding can only be reached there.
 */
import type { FailureKind } from "../../core/health/judgement.ts";
import type { ActiveHealth } from "../../core/model/upstream.ts";
import type { Config } from "../../worker/config/sections/config.ts";
import type { OriginConfig } from "../../worker/config/sections/origin.ts";
import type { ConfigIssue } from "../../worker/config/parse/issue.ts";
import { formatPath } from "../../worker/config/parse/notation.ts";
import { probeHint, type ProbeSeen } from "../../worker/transport/probe-hint.ts";

/** A warning for each origin that does not answer as `health.expect` says, in the order of the config. */
export async function probeWarnings({ upstreams }: Config): Promise<ConfigIssue[]> {
  const warnings = upstreams.flatMap(({ name, pools, health }) =>
    pools.flatMap(({ origins }, pool) =>
      origins.map(async (origin, index): Promise<ConfigIssue[]> => {
        if (health === undefined || origin.via !== "fetch") return [];
        const seen = await probe(origin, health);
        if (seen === undefined) return [];
        const found =
          "status" in seen ? `a probe got ${seen.status}` : `a probe got no answer: ${seen.failure}`;
        const expected = probeHint(seen, { origin, health }) ?? "an answer";
        const place = ["upstreams", name, "pools", pool, "origins", index];
        return [{ path: formatPath(place), found, expected, place }];
      }),
    ),
  );
  return (await Promise.all(warnings)).flat();
}

/** What was seen that is not as expected. */
async function probe(
  { url }: OriginConfig,
  { method, path, headers, expect, timeoutMs }: ActiveHealth,
): Promise<ProbeSeen | undefined> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(`${url}${path}`, { method, headers, redirect: "manual", signal });
    await response.body?.cancel();
    const { status } = response;
    if (expect.some(({ from, to }) => from <= status && status <= to)) return undefined;
    return { status, location: response.headers.get("Location") };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

/** Node says in an error's cause what went wrong. */
function failureOf(error: unknown): FailureKind {
  if (!(error instanceof Error)) return "unreachable";
  if (error.name === "TimeoutError") return "timeout";
  const code = error.cause instanceof Error && "code" in error.cause ? String(error.cause.code) : "";
  if (code === "ECONNREFUSED") return "refused";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "dns";
  if (/CERT|SSL|TLS|SELF_SIGNED|ISSUER/.test(code)) return "tls";
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH") return "unreachable";
  return code.endsWith("TIMEOUT") || code === "ETIMEDOUT" ? "timeout" : "reset";
}
