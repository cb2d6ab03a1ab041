/**
 * The operator's API under `/_weir/api/v1`. Closed unless the secret `WEIR_ADMIN_TOKEN` is set and presented.
 */
import { Hono } from "hono";

import { operatorOrders, type OperatorOrder } from "../../core/model/operator.ts";
import { admit } from "./admin-token.ts";
import type { ActiveUpstream } from "../active-config.ts";
import type { Isolate } from "../isolate.ts";
import { objectAddress, stubAt, upstreamStub } from "../objects/upstream-stub.ts";
import type { Env } from "../env.ts";
import { maintenanceRoutes } from "./maintenance.ts";
import { configRefused, problem, unknown } from "./problem.ts";
import { claimant, type RefusedClaims } from "./refused-claims.ts";

const tooMany = "Too many wrong tokens from this address: wait some seconds.";

export function adminRoutes(isolate: Isolate, claims: RefusedClaims): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>();

  app.use(async (c, next) => {
    const client = claimant(c.req.raw, await isolate.config(c.env));
    const authorization = c.req.header("Authorization");
    // A caller that presents nothing cannot have guessed.
    if (authorization !== undefined && !(await claims.mayClaim(client))) {
      claims.refused("api", "too-many", client);
      return problem(429, "too-many-attempts", tooMany);
    }
    const admission = await admit(authorization, c.env.WEIR_ADMIN_TOKEN ?? undefined);
    if (!admission.ok) {
      claims.refused("api", admission.why, client);
      return problem(403, "closed", admission.message);
    }
    claims.admitted(client);
    await next();
    c.header("Cache-Control", "no-store");
    return undefined;
  });

  app.get("/upstreams", async (c) => {
    const active = await isolate.config(c.env);
    if (!active.ok) return configRefused(active.issues);
    const views = [...active.upstreams.values()].map((upstream) => {
      c.executionCtx.waitUntil(tellRegions(c.env, upstream));
      return upstreamStub(c.env, upstream).view(upstream.section);
    });
    return c.json({ upstreams: await Promise.all(views) });
  });

  app.post("/upstreams/:upstream/origins/:origin/:order", async (c) => {
    const active = await isolate.config(c.env);
    if (!active.ok) return configRefused(active.issues);
    const { upstream: name, origin, order } = c.req.param();
    const upstream = active.upstreams.get(name);
    if (upstream === undefined) return unknown("upstream", name, [...active.upstreams.keys()]);
    if (!isOrder(order)) return unknown("order", order, operatorOrders);
    const stub = upstreamStub(c.env, upstream);
    if (!(await stub.operate(upstream.section, origin, order))) {
      return unknown("origin", origin, originNames(upstream));
    }
    c.executionCtx.waitUntil(tellRegions(c.env, upstream));
    return c.json(await stub.view(upstream.section));
  });

  app.route("/maintenance", maintenanceRoutes(isolate));

  app.all("*", () =>
    problem(
      404,
      "not-found",
      "Known: GET /upstreams, POST /upstreams/:upstream/origins/:origin/:order, GET /maintenance, POST /maintenance/:route/:order.",
    ),
  );
  return app;
}

/** A region without traffic would not hear of an order, and could not confirm it. The root tells the caller of one that fails. */
async function tellRegions(env: Env, upstream: ActiveUpstream): Promise<void> {
  const { config, section } = upstream;
  const heeded = config.regions.map((region) => stubAt(env, objectAddress(config, region)).heed(section));
  await Promise.allSettled(heeded);
}

function isOrder(order: string): order is OperatorOrder {
  return operatorOrders.some((known) => known === order);
}

function originNames({ config }: ActiveUpstream): string[] {
  return config.pools.flatMap((pool) => pool.origins.map(({ name }) => name));
}
