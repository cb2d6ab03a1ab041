/**
 * The operator's API under `/_weir/api/v1`. Closed unless the secret `WEIR_ADMIN_TOKEN` is set and presented.
 */
import { Hono } from "hono";

import { operatorOrders, type OperatorOrder } from "../../core/operator.ts";
import { admit } from "../admin-token.ts";
import type { ActiveUpstream } from "../config/active.ts";
import type { Isolate } from "../coordination/isolate.ts";
import { upstreamStub } from "../coordination/upstream-stub.ts";
import type { Env } from "../env.ts";
import { problem } from "./problem.ts";

export function adminRoutes(isolate: Isolate): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>();

  app.use(async (c, next) => {
    const admission = await admit(c.req.header("Authorization"), c.env.WEIR_ADMIN_TOKEN ?? undefined);
    if (!admission.ok) return problem(403, "closed", admission.message);
    await next();
    c.header("Cache-Control", "no-store");
    return undefined;
  });

  app.get("/upstreams", async (c) => {
    const active = await isolate.config(c.env);
    if (!active.ok) return problem(500, "config-refused", "The configuration was refused.", active.issues);
    const views = [...active.upstreams.values()].map((upstream) =>
      upstreamStub(c.env, upstream).view(upstream.section),
    );
    return c.json({ upstreams: await Promise.all(views) });
  });

  app.post("/upstreams/:upstream/origins/:origin/:order", async (c) => {
    const active = await isolate.config(c.env);
    if (!active.ok) return problem(500, "config-refused", "The configuration was refused.", active.issues);
    const { upstream: name, origin, order } = c.req.param();
    const upstream = active.upstreams.get(name);
    if (upstream === undefined) return unknown("upstream", name, [...active.upstreams.keys()]);
    if (!isOrder(order)) return unknown("order", order, operatorOrders);
    const stub = upstreamStub(c.env, upstream);
    if (!(await stub.operate(upstream.section, origin, order))) {
      return unknown("origin", origin, originNames(upstream));
    }
    return c.json(await stub.view(upstream.section));
  });

  app.all("*", () =>
    problem(404, "not-found", "Known: GET /upstreams, POST /upstreams/:upstream/origins/:origin/:order."),
  );
  return app;
}

function unknown(what: string, found: string, known: readonly string[]): Response {
  return problem(404, `unknown-${what}`, `There is no ${what} "${found}". Known: ${known.join(", ")}.`);
}

function isOrder(order: string): order is OperatorOrder {
  return operatorOrders.some((known) => known === order);
}

function originNames({ config }: ActiveUpstream): string[] {
  return config.pools.flatMap((pool) => pool.origins.map(({ name }) => name));
}
