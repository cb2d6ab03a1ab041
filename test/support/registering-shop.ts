/** An upstream with two slots at home, and a cloud of origins that register themselves. */
import type { WeirUpstreamConfig } from "../../worker/config/weir-config.ts";
import { registerSecret } from "./sign-message.ts";

/** Its pools and their health checks; `urls`: those under which origins may register. */
export function registeringShop(
  homeUrl: string,
  urls: string[],
): Pick<WeirUpstreamConfig, "pools" | "health"> {
  return {
    pools: [
      { name: "home", origins: [{ name: "home-1", url: homeUrl, maxConns: 2 }] },
      {
        name: "cloud",
        origins: [],
        register: { secret: registerSecret, urls, every: "2s", max: 3, maxConns: 8 },
      },
    ],
    health: { path: "/healthz", interval: "1s", timeout: "900ms", jitter: 0 },
  };
}
