/** The API's orders that put routes in maintenance, and end that (docs/maintenance.md). Behind the admin token, as all of the operator's API. */
import { Hono } from "hono";

import { mostClosed } from "../../core/maintenance/orders.ts";
import type { Millis } from "../../core/model/upstream.ts";
import {
  maintenanceOrders,
  type ClosedRoute,
  type MaintenanceOrder,
  type RouteMaintenance,
} from "../../core/protocol/maintenance.ts";
import type { ServingConfig } from "../active-config.ts";
import { formatDuration, parseDuration } from "../config/kinds/duration.ts";
import { name as nameKind } from "../config/kinds/name.ts";
import type { Env } from "../env.ts";
import type { Isolate } from "../isolate.ts";
import type { MaintenanceClient } from "../objects/maintenance-client.ts";
import { configRefused, problem, unknown } from "./problem.ts";

const [shortestMs, longestMs]: readonly [Millis, Millis] = [1_000, 30 * 24 * 3_600_000];

export function maintenanceRoutes(isolate: Isolate): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>();

  app.get("/", async (c) => {
    const active = await isolate.config(c.env);
    if (!active.ok) return configRefused(active.issues);
    const { maintenanceOrders: client } = active;
    if (client === undefined) return noBinding();
    return c.json({ maintenance: viewsOf(active, await client.list(c.env)) });
  });

  app.post("/:route/:order", async (c) => {
    const active = await isolate.config(c.env);
    if (!active.ok) return configRefused(active.issues);
    const { maintenanceOrders: client } = active;
    if (client === undefined) return noBinding();
    const { route, order } = c.req.param();
    if (!isOrder(order)) return unknown("order", order, maintenanceOrders);
    const written = c.req.query("for");
    const forMs = written === undefined ? undefined : parseDuration(written);
    if (written !== undefined && (order === "off" || !isInBounds(forMs))) return badDuration(written, order);
    const refused = await refusalOf(route, order, active, client, c.env);
    if (refused !== undefined) return refused;
    const reply = await client.order(c.env, {
      kind: "order",
      route,
      order,
      ...(forMs !== undefined && { forMs }),
    });
    if (reply.kind === "too-many") return tooMany();
    return c.json({ maintenance: viewsOf(active, reply.news.closed ?? []) });
  });
  return app;
}

/** Why there can be no such order for the route. One that is left over of a route that the config does not have any more can be ended. */
async function refusalOf(
  route: string,
  order: MaintenanceOrder,
  active: ServingConfig,
  client: MaintenanceClient,
  env: Env,
): Promise<Response | undefined> {
  const switched = switchedIn(active);
  if (switched.includes(route)) return undefined;
  if (order === "off" && (await client.list(env)).some((closed) => closed.route === route)) return undefined;
  if (active.routes.some(({ name }) => name === route)) return notByOrder(route, switched);
  return unknown("route", route, switched, "which orders can put in maintenance");
}

/** The names of the routes that orders can close. */
const switchedIn = ({ routes }: ServingConfig): string[] =>
  routes.flatMap(({ name, maintenance }) => (maintenance?.byOrder === true ? name : []));

function viewsOf(active: ServingConfig, closed: readonly ClosedRoute[]): RouteMaintenance[] {
  const switched = switchedIn(active);
  const left = closed.map(({ route }) => route).filter((route) => !switched.includes(route));
  const byRoute = new Map(closed.map((one) => [one.route, one]));
  const now = Date.now();
  return [...switched, ...left].map((route) => {
    const { sinceMs = null, leftMs } = byRoute.get(route) ?? {};
    const untilMs = leftMs === undefined ? null : now + leftMs;
    return { route, inMaintenance: sinceMs !== null, sinceMs, untilMs, inConfig: !left.includes(route) };
  });
}

const isOrder = (order: string): order is MaintenanceOrder =>
  maintenanceOrders.some((known) => known === order);

const isInBounds = (ms: Millis | undefined): boolean =>
  ms !== undefined && shortestMs <= ms && ms <= longestMs;

function badDuration(written: string, order: MaintenanceOrder): Response {
  const expected =
    order === "off"
      ? "The order off has no time: leave it out."
      : `Expected a duration such as 30m (units: ms, s, m, h), from ${formatDuration(shortestMs)} to ${formatDuration(longestMs)}.`;
  return problem(400, "bad-duration", `"${written.slice(0, 40)}" is no time for this order. ${expected}`);
}

function notByOrder(route: string, switched: readonly string[]): Response {
  const isNamed = nameKind.safeParse(route).success;
  const how = isNamed
    ? "set maintenance: { byOrder: true } there"
    : "give it a name there, and maintenance: { byOrder: true }, since an order calls a route by its name";
  const message = `No order can put the route "${route}" in maintenance, as the config has it: ${how}. Orders can: ${switched.join(", ") || "no route"}.`;
  return problem(409, "not-by-order", message);
}

const tooMany = (): Response =>
  problem(409, "too-many-orders", `${mostClosed} routes are in maintenance by orders: end one first.`);

const noBinding = (): Response =>
  problem(
    409,
    "no-roles",
    "There is no binding ROLES, and so no object that keeps orders: bind the class WeirRole, as in Weir's own wrangler.toml.",
  );
