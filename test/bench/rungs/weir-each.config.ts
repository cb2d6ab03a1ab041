/** What the benchmark's Weir runs where each request has a connection of its own to the origin. */
import { defineConfig } from "../../../worker/config/define-config.ts";
import { upstream } from "./weir-upstream.ts";

const pools = upstream.pools.map(({ name, origins }) => ({
  name,
  origins: origins.map((origin) => ({ ...origin, connection: "each" as const })),
}));

export default defineConfig({
  target: "workerd",
  upstreams: {
    bench: { ...upstream, coordination: "leased", pools },
  },
  routes: [{ upstream: "bench" }],
});
