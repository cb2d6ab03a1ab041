/** What the benchmark's Weir runs: no probes and no cookie, which the rungs beside it do not have either. */
import { defineConfig } from "../../../worker/config/define-config.ts";

export default defineConfig({
  target: "workerd",
  upstreams: {
    bench: {
      pools: [
        { name: "on-prem", origins: [{ name: "origin", url: "${ENV:BENCH_ORIGIN}", maxConns: 100_000 }] },
      ],
      health: false,
      timeouts: { headers: "15s", total: "60s" },
    },
  },
  routes: [{ upstream: "bench" }],
});
