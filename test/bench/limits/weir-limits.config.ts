/** Weir with one exact limit by a header: a request of each key that has not been refused lately costs its object a message. */
import { defineConfig } from "../../../worker/config/define-config.ts";
import { upstream } from "../rungs/weir-upstream.ts";

export default defineConfig({
  target: "workerd",
  upstreams: { bench: upstream },
  routes: [
    { upstream: "bench", rateLimits: [{ key: "header:X-Key", rate: "50/s", burst: 50, exact: true }] },
  ],
});
