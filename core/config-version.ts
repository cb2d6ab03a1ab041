/**
 * Which of two configurations is the newer. Two deployments overlap for minutes, and their isolates talk to
 * the same object: it must go forward once, and never back.
 */
import type { ConfigVersion } from "./leases/exchange.ts";

/** `incoming` seen from `current`. Of two with the same order one always wins, so that an object never swings. */
export function compareVersions(
  incoming: ConfigVersion,
  current: ConfigVersion | undefined,
): "newer" | "same" | "older" {
  if (current === undefined) return "newer";
  if (incoming.hash === current.hash) return "same";
  if (incoming.order !== current.order) return incoming.order > current.order ? "newer" : "older";
  return incoming.hash > current.hash ? "newer" : "older";
}
