/** What the benchmark's Weir runs in leased mode. */
import { defineConfig } from "../../../worker/config/define-config.ts";
import { upstream } from "./weir-upstream.ts";

export default defineConfig({
  target: "workerd",
  upstreams: { bench: { ...upstream, coordination: "leased" } },
  routes: [{ upstream: "bench" }],
});
