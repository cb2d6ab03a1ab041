/** What `weir start` knows once everything runs: what its summary and its suggestions are made of. */
import type { UpstreamView } from "../../core/upstream-view.ts";
import type { Config } from "../../worker/config/config.ts";

export interface StartFacts {
  readonly port: number;
  readonly config: Config;
  /** What Weir says of its upstreams; absent if its API is closed. */
  readonly views?: readonly UpstreamView[];
  readonly adminToken: string;
  /** Whether the token was made for this run, and not taken from the environment. */
  readonly tokenIsNew: boolean;
  /** origin-sim, if it runs: its control URL, and which of the config's origins are simulated. */
  readonly simulated?: { readonly controlUrl: string; readonly origins: ReadonlySet<string> };
  /** Paths as a person would type them. */
  readonly logFiles: readonly string[];
}
