/** What `weir start` knows once everything runs: what its summary and its suggestions are made of. */
import type { UpstreamView } from "../../core/upstream-view.ts";
import type { Config, Target } from "../../worker/config/config.ts";

export interface StartFacts {
  readonly port: number;
  readonly config: Config;
  /** What Weir says of its upstreams; absent if its API is closed. */
  readonly views?: readonly UpstreamView[];
  readonly adminToken: string;
  /** Whether the token was made for this run, and not taken from the environment. */
  readonly tokenIsNew: boolean;
  /** The target that the config asks for; here it runs on workerd. */
  readonly writtenTarget: Target;
  /** origin-sim, if it runs: its control URL, and what it calls the origins, by port. */
  readonly simulated?: { readonly controlUrl: string; readonly names: ReadonlyMap<number, string> };
  /** Paths as a person would type them. */
  readonly logFiles: readonly string[];
}
