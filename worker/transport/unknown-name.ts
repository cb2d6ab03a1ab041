/**
 * Tells a name that cannot be resolved from a port that is closed. On workerd `connect` says the same of both, and `fetch` does not: a
 * connection that is refused is "lost" to it, and a name that cannot be resolved an internal error. So `fetch` is asked for the same
 * name, at a port where nothing listens: whatever comes of it, the origin gets no request.
 */
import type { Target } from "../../core/protocol/config-section.ts";
import type { OriginConfig } from "../config/sections/origin.ts";
import { isIpAddress } from "../config/kinds/host.ts";
import { classifyThrown, type TransportFailure } from "./failure.ts";

/** tcpmux (RFC 1078), which no server has spoken for decades. */
const unusedPort = 1;
/** A resolver that takes longer has not said that there is no such name. */
const patienceMs = 1_000;

/** The failure, or what is behind it: `dns`, where the origin's name is unknown. For probes: it takes up to a second. */
export async function withUnknownName(
  failure: TransportFailure,
  { url, via }: Pick<OriginConfig, "url" | "via">,
  platform: Target,
): Promise<TransportFailure> {
  const { hostname } = new URL(url);
  if (failure.kind !== "refused" || platform !== "workerd" || via !== "fetch" || isIpAddress(hostname))
    return failure;
  try {
    const signal = AbortSignal.timeout(patienceMs);
    const response = await fetch(`http://${hostname}:${unusedPort}/`, {
      method: "HEAD",
      redirect: "manual",
      signal,
    });
    await response.body?.cancel();
    return failure;
  } catch (error) {
    const isUnknown = classifyThrown(error).kind === "unreachable";
    return isUnknown ? { kind: "dns", sent: "no", detail: "unknown name" } : failure;
  }
}
