/**
 * The Worker as one Hono app: Weir's own paths under `/_weir/`, and everything else to the proxy. Hono owns
 * what happens once per client request; the request's life is plain functions (`proxy/pipeline.ts`).
 */
import { Hono, type Context } from "hono";

import type { Isolate } from "./isolate.ts";
import type { Env } from "./env.ts";
import { errorResponse } from "./proxy/response/error-response.ts";
import { clientAddress } from "./proxy/request/client-address.ts";
import { Lingerer, unreadOf } from "./proxy/response/lingering.ts";
import { proxy } from "./proxy/pipeline.ts";
import { isHost, readRequestUrl } from "./proxy/request/request-url.ts";
import { adminRoutes } from "./api/admin.ts";
import { problem } from "./api/problem.ts";
import { RefusedClaims } from "./api/refused-claims.ts";
import { registrationRoutes } from "./api/registration.ts";
import { logEvent } from "./telemetry/log-event.ts";

type AppContext = Context<{ Bindings: Env }>;

/** The path that decides is the same for Weir's own as for the application's, however it is spelt. */
const getPath = (request: Request): string => readRequestUrl(request)?.routingPath ?? "";

export function createApp(isolate: Isolate): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>({ getPath });
  const forward = (c: AppContext): Promise<Response> =>
    proxy(c.req.raw, readRequestUrl(c.req.raw), {
      env: c.env,
      isolate,
      waitUntil: (work) => c.executionCtx.waitUntil(work),
    });

  // On a host that is not named for it, `/_weir/` is the application's like any other path.
  app.use("/_weir/*", async (c, next) => {
    const active = await isolate.config(c.env);
    const hosts = active.ok ? active.config.admin.hosts : undefined;
    const hostname = readRequestUrl(c.req.raw)?.hostname ?? "";
    const isForeign = hosts !== undefined && !hosts.includes(hostname);
    if (isForeign || !isHost(c.req.header("Host") ?? hostname)) return forward(c);
    await next();
    const request = c.req.raw;
    const rest = unreadOf(request);
    if (rest === undefined) return undefined;
    const waitUntil = (work: Promise<unknown>): void => c.executionCtx.waitUntil(work);
    const lingerer = new Lingerer(active, () => clientAddress(request, "workerd"), waitUntil);
    c.res = await lingerer.behind(c.res, request.method, rest);
    return undefined;
  });
  app.get("/_weir/healthz", (c) => c.text("ok\n", 200, { "Cache-Control": "no-store" }));
  const claims = new RefusedClaims();
  app.route("/_weir/api/v1", registrationRoutes(isolate, claims));
  app.route("/_weir/api/v1", adminRoutes(isolate, claims));
  // No path of ours is ever forwarded: the request may carry the admin token.
  app.all("/_weir/*", () =>
    problem(404, "not-found", "There is nothing here. Known: /_weir/healthz, /_weir/api/v1/upstreams."),
  );
  app.all("*", forward);
  // Nothing is expected to throw. An error that is thrown goes to the log, and not to the client.
  app.onError((error, c) => {
    const requestId = crypto.randomUUID();
    logEvent({ event: "internal-error", requestId, detail: error.stack ?? String(error) });
    const accept = c.req.header("Accept") ?? null;
    return errorResponse({ kind: "internal" }, { accept, requestId, method: c.req.method });
  });
  return app;
}
