/**
 * Which of two configurations is the newer. Two deployments overlap for minutes, and their isolates talk to
 * the same object: it must go forward once, and never back.
 */

/** `incoming` seen from `current`. Of two with the same order one always wins, so that an object never swings. */
export function compareVersions(
  incoming: ConfigVersion,
  current: ConfigVersion | undefined,
): "newer" | "same" | "older" {
  if (current === undefined) return "newer";
  // Also of equal content the later deployment is the newer: what was deployed in between must not come after it.
  if (incoming.order !== current.order) return incoming.order > current.order ? "newer" : "older";
  if (incoming.hash === current.hash) return "same";
  return incoming.hash > current.hash ? "newer" : "older";
}

/** Which configuration a message is about. Later deployments have a greater `order`; `hash` names the content. */
export interface ConfigVersion {
  readonly order: number;
  readonly hash: string;
}
