/**
 * One upstream's part of the configuration as it travels to an object: raw, as its author wrote it, so that
 * `${ENV:NAME}` is resolved where it is used and no secret is sent or stored.
 */

/** Which configuration a message is about. Later deployments have a greater `order`; `hash` names the content. */
export interface ConfigVersion {
  readonly order: number;
  readonly hash: string;
}

/** Where Weir runs. */
export const targets = ["edge", "workerd"] as const;
export type Target = (typeof targets)[number];

export interface ConfigSection {
  readonly version: ConfigVersion;
  readonly name: string;
  readonly target: Target;
  readonly raw: unknown;
}

/**
 * `incoming` seen from `current`. Two deployments overlap for minutes, and their isolates talk to the same object: it must go forward
 * once, and never back. Of two with the same order one always wins.
 */
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
