/** A config in a few lines: what goes where. Pure. */
import type { Config } from "../../worker/config/sections/config.ts";
import type { OriginConfig } from "../../worker/config/sections/origin.ts";
import type { PoolConfig } from "../../worker/config/sections/pool.ts";
import type { RouteConfig } from "../../worker/config/sections/route.ts";
import type { UpstreamConfig } from "../../worker/config/sections/upstream.ts";
import { bold, dim } from "../terminal/style.ts";

/** Routes, and the upstreams with their pools and origins. */
export function configSummary({ target, routes, upstreams }: Config): string {
  const matches = routes.map(matchText);
  const width = Math.max(...matches.map((text) => text.length));
  return [
    `  target  ${target === "edge" ? "edge (Cloudflare)" : "workerd (a machine of your own)"}`,
    "",
    `  ${count(routes.length, "route")}`,
    ...routes.map(
      ({ upstream }, index) =>
        `    ${(matches[index] ?? "").padEnd(width)}  ${dim("→")}  ${upstream ?? "its rules"}`,
    ),
    ...upstreams.flatMap(upstreamLines),
  ].join("\n");
}

function upstreamLines({ name, policy, pools }: UpstreamConfig): string[] {
  const origins = pools.reduce((sum, pool) => sum + pool.origins.length, 0);
  const head = `  upstream ${bold(name)}  ${policy.name}, ${count(pools.length, "pool")}, ${count(origins, "origin")}`;
  return ["", head].concat(
    pools.flatMap((pool) => [`    ${poolText(pool)}`].concat(pool.origins.map(originText))),
  );
}

function poolText({ name, capacity, register }: PoolConfig): string {
  const notes = [
    ...(capacity === "auto" ? ["its slots are found out"] : []),
    ...(register === undefined ? [] : [`up to ${count(register.max, "origin")} register themselves`]),
  ];
  return notes.length > 0 ? `${name}${dim(`  ${notes.join(", ")}`)}` : name;
}

function originText({ name, url, maxConns, weight, backup, via }: OriginConfig): string {
  const notes = [
    ...(maxConns === undefined ? [] : [`${maxConns} slots`]),
    ...(weight === 1 ? [] : [`weight ${weight}`]),
    ...(backup ? ["backup"] : []),
    ...(via === "fetch" ? [] : [`via ${via.binding}`]),
  ];
  return `      ${name}  ${url}${notes.length > 0 ? dim(`  ${notes.join(", ")}`) : ""}`;
}

function matchText({ host, when, precedence, ...path }: RouteConfig): string {
  const notes = [
    ...(when === undefined ? [] : ["if its conditions hold"]),
    ...(precedence === undefined ? [] : [`precedence ${precedence}`]),
  ];
  const match = `${host ?? ""}${pathText(path)}` || "everything";
  return notes.length > 0 ? `${match} (${notes.join(", ")})` : match;
}

function pathText({ exact, prefix, startsWith, pattern }: Partial<RouteConfig>): string {
  if (pattern !== undefined) return ` ~ ${pattern.source}`;
  if (startsWith !== undefined) return `${startsWith}*`;
  return exact ?? (prefix === undefined ? "" : `${prefix.replace(/\/$/, "")}/*`);
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
