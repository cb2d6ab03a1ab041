/** What the benchmark's Weir runs whose route has five actions, each of which looks at every request or answer. */
import { defineConfig } from "../../../worker/config/define-config.ts";
import { upstream } from "./weir-upstream.ts";

export default defineConfig({
  target: "workerd",
  upstreams: { bench: { ...upstream, coordination: "leased", errors: { intercept: [599] } } },
  routes: [
    {
      upstream: "bench",
      methods: ["GET"],
      maxRequestBody: "1MB",
      maintenance: { allow: ["127.0.0.0/8", "::1"] },
      debug: true,
    },
  ],
});
