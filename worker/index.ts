/** Where everything is wired together. Nothing else imports a Durable Object's class. */
import config from "#weir-config";

import { createApp } from "./app.ts";
import { Isolate } from "./isolate.ts";
import type { Env } from "./env.ts";
import { proxy } from "./proxy/pipeline.ts";
import { readRequestUrl } from "./proxy/request/request-url.ts";
import { watch } from "./watchdog.ts";

export { WeirProber } from "../durable-objects/weir-prober.ts";
export { WeirRole } from "../durable-objects/weir-role.ts";
export { WeirUpstream } from "../durable-objects/weir-upstream.ts";
export { SocketTunnel } from "./socket-tunnel.ts";

const isolate = new Isolate(config);
const app = createApp(isolate);

export default {
  fetch: (request, env, ctx) => {
    const url = readRequestUrl(request);
    // What is not Weir's own path goes past the framework: its dispatch is 5 % of a small request's time.
    if (url?.routingPath.startsWith("/_weir/")) return app.fetch(request, env, ctx);
    return proxy(request, url, { env, isolate, waitUntil: (work) => ctx.waitUntil(work) });
  },
  scheduled: (_controller, env) => watch(isolate, env),
} satisfies ExportedHandler<Env>;
