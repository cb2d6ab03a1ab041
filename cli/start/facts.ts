/** What `weir start` knows once everything runs: what its summary and its suggestions are made of. */
import type { Target } from "../../core/protocol/config-section.ts";
import type { UpstreamView } from "../../core/protocol/upstream-view.ts";
import type { Config } from "../../worker/config/sections/config.ts";
import type { Clock } from "./troubles.ts";

export interface StartFacts {
  readonly port: number;
  readonly config: Config;
  /** What Weir says of its upstreams; absent if its API is closed. */
  readonly views?: readonly UpstreamView[];
  /** The file of the admin token, as a person would type its path; absent: the token is that of `WEIR_ADMIN_TOKEN`. */
  readonly tokenFile?: string;
  /** The token itself, where it may be shown: on a terminal. What else a program prints is kept by others. */
  readonly shownToken?: string;
  /** The target that the config asks for; here it runs on workerd. */
  readonly writtenTarget: Target;
  /** origin-sim, if it runs: its control URL, and what it calls the origins, by port. */
  readonly simulated?: { readonly controlUrl: string; readonly names: ReadonlyMap<number, string> };
  /** How a time is written on this screen. */
  readonly clock: Clock;
  /** Columns that a paragraph may have. */
  readonly width: number;
  /** Paths as a person would type them. */
  readonly logFiles: readonly string[];
}
