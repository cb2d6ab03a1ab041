/**
 * The config that `npm start` runs: a shop that lives on three servers of its own, and spills into the cloud what
 * they cannot carry. Every option is documented where an editor shows it; only what differs from a default is here.
 */
import { defineConfig } from "./worker/config/define-config.ts";

export default defineConfig({
  target: "workerd", // on this machine; "edge" is Cloudflare
  admin: { hosts: ["localhost", "127.0.0.1"] }, // where /_weir/ answers

  upstreams: {
    shop: {
      // Pools in order of preference: home first, then where it spills to.
      pools: [
        {
          name: "on-prem",
          origins: [
            // maxConns holds for the whole fleet. It is what makes a full server spill instead of slowing down.
            { name: "on-prem-1", url: "http://127.0.0.1:9101", maxConns: 8 },
            { name: "on-prem-2", url: "http://127.0.0.1:9102", maxConns: 8 },
            { name: "on-prem-3", url: "http://127.0.0.1:9103", maxConns: 8 },
          ],
        },
        {
          name: "cloud",
          origins: [
            { name: "cloud-1", url: "http://127.0.0.1:9201", maxConns: 32 },
            { name: "cloud-2", url: "http://127.0.0.1:9202", maxConns: 32 },
            { name: "cloud-3", url: "http://127.0.0.1:9203", maxConns: 32 },
          ],
        },
      ],
      // Two bad probes take an origin out, two good ones bring it back: about two seconds either way.
      health: { path: "/healthz", interval: "1s", timeout: "500ms", rise: 2, fall: 2 },
      timeouts: { headers: "5s", total: "30s" },
    },
  },

  routes: [{ upstream: "shop" }], // no host and no path: everything
});
