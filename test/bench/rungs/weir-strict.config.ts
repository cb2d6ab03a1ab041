/** What the benchmark's Weir runs in strict mode. */
import { defineConfig } from "../../../worker/config/define-config.ts";
import { upstream } from "./weir-upstream.ts";

export default defineConfig({
  target: "workerd",
  upstreams: { bench: { ...upstream, coordination: "strict" } },
  routes: [{ upstream: "bench" }],
});
