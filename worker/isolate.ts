/**
 * What this isolate keeps between requests: its config, and its line to each upstream's object. The holder's
 * name is made at the first request, as a Worker has no randomness before.
 */
import { activateConfig, type ActiveConfig, type ActiveUpstream } from "./active-config.ts";
import { formatIssues } from "./config/parse/issue.ts";
import type { WeirConfig } from "./config/weir-config.ts";
import type { Env } from "./env.ts";
import { logEvent } from "./telemetry/log-event.ts";
import { nearestRegion } from "./objects/nearest-region.ts";
import { UpstreamClient } from "./objects/upstream-client.ts";

export class Isolate {
  readonly #raw: WeirConfig;
  readonly #clients = new Map<string, UpstreamClient>();
  #config: ActiveConfig | undefined;
  #holder = "";

  constructor(raw: WeirConfig) {
    this.#raw = raw;
  }

  /** The config, if a request has parsed it before: on the hot path even a settled promise costs. */
  get known(): ActiveConfig | undefined {
    return this.#config;
  }

  /**
   * The config. Requests that come before the first has parsed it parse it themselves: they must not wait for
   * each other's promises.
   */
  async config(env: Env): Promise<ActiveConfig> {
    if (this.#config !== undefined) return this.#config;
    const config = await activateConfig(this.#raw, env);
    if (this.#config === undefined) {
      this.#config = config;
      const id = crypto.randomUUID();
      this.#holder = env.WEIR_LAUNCH ? `${env.WEIR_LAUNCH}/${id}` : id;
      if (!config.ok) logEvent({ event: "config-refused", issues: formatIssues(config.issues) });
    }
    return this.#config;
  }

  /** The line to the upstream's object. `request`: it tells where this isolate is, which does not change. */
  client(upstream: ActiveUpstream, request: Request): UpstreamClient {
    const { name, regions } = upstream.config;
    let client = this.#clients.get(name);
    if (client === undefined) {
      client = new UpstreamClient(upstream, this.#holder, nearestRegion(regions, request.cf ?? {}));
      this.#clients.set(name, client);
    }
    return client;
  }
}
