/**
 * One upstream's part of the configuration as it travels to an object: raw, as its author wrote it, so that
 * `${ENV:NAME}` is resolved where it is used and no secret is sent or stored.
 */
import type { ConfigVersion } from "./config-version.ts";

/** Where Weir runs. */
export const targets = ["edge", "workerd"] as const;
export type Target = (typeof targets)[number];

export interface ConfigSection {
  readonly version: ConfigVersion;
  readonly name: string;
  readonly target: Target;
  readonly raw: unknown;
}
