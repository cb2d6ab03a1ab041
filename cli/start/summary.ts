/** What `weir start` prints when everything runs: what runs where, and what to try. Pure: facts in, lines out. */
import type { OriginView } from "../../core/protocol/origin-view.ts";
import type { UpstreamView } from "../../core/protocol/upstream-view.ts";
import type { PoolConfig } from "../../worker/config/sections/pool.ts";
import type { UpstreamConfig } from "../../worker/config/sections/upstream.ts";
import { controlPort } from "../local/simulated-origins.ts";
import { bold, cyan, dim, green, red, yellow } from "../terminal/style.ts";
import type { StartFacts } from "./facts.ts";
import { orderWords } from "./operator-orders.ts";
import { suggestions, type Suggestion } from "./suggestions.ts";
import { troubleLines, troublesOf } from "./troubles.ts";

/** The whole text, without a newline at its end. */
export function startSummary(facts: StartFacts): string {
  const { config } = facts;
  const notes: [string, string][] = [
    ["Admin token", tokenText(facts)],
    ...targetNotes(facts),
    ...simulatorNotes(facts),
    ["Logs", facts.logFiles.join("  ")],
  ];
  return [
    "",
    `${headline(facts)}  ${cyan(`http://localhost:${facts.port}`)}`,
    ...config.upstreams.flatMap((upstream) => upstreamLines(upstream, facts.views)),
    ...notWell(facts),
    "",
    ...notes.map(([label, value]) => `  ${label.padEnd(12)} ${value}`),
    "",
    `  ${bold("Try")}`,
    ...suggestions(facts).flatMap(suggestionLines),
    "",
    `  ${dim("Ctrl-C stops everything.")}`,
  ].join("\n");
}

/** Weir is ready when those behind it are. */
function headline({ views = [] }: StartFacts): string {
  const troubled = troublesOf(views).length;
  if (troubled === 0) return `${green("●")} ${bold("Weir is ready")}`;
  const all = views.flatMap(({ pools }) => pools.flatMap(({ origins }) => origins)).length;
  const paint = troubled < all ? yellow : red;
  const who =
    troubled < all ? `${troubled} of ${all} origins` : all === 1 ? "its origin" : `all ${all} origins`;
  return `${paint("●")} ${bold(`Weir runs, but ${who} ${troubled === 1 ? "is" : "are"} unhealthy`)}`;
}

function notWell({ views = [], clock, width }: StartFacts): string[] {
  const troubles = troublesOf(views);
  return troubles.length === 0 ? [] : ["", `  ${bold("Unhealthy")}`, ...troubleLines(troubles, clock, width)];
}

/** A token from the environment is known to its owner. */
function tokenText({ tokenFile, shownToken }: StartFacts): string {
  if (tokenFile === undefined) return "that of WEIR_ADMIN_TOKEN";
  return shownToken === undefined ? `in ${tokenFile}` : `${shownToken}  ${dim(`kept in ${tokenFile}`)}`;
}

/** An edge config behaves differently here in one thing, which has to be said. */
const targetNotes = ({ writtenTarget }: StartFacts): [string, string][] =>
  writtenTarget === "workerd"
    ? []
    : [["Target", `edge, run here as workerd: CF-Connecting-IP is not believed`]];

function simulatorNotes({ simulated }: StartFacts): [string, string][] {
  if (simulated === undefined) return [];
  const { port } = new URL(simulated.controlUrl);
  const note = Number(port) === controlPort ? "" : `  ${yellow(`(${controlPort} is taken)`)}`;
  return [["origin-sim", `${simulated.controlUrl}/origins${note}`]];
}

function upstreamLines(
  { name, policy, pools, health: probes }: UpstreamConfig,
  views: readonly UpstreamView[] | undefined,
): string[] {
  const seenPools = views?.find((view) => view.name === name)?.pools;
  const seen = seenPools?.flatMap(({ origins }) => origins);
  const viewOf = new Map(seen?.map((view) => [view.name, view]));
  const origins = pools.flatMap(({ origins }) => origins);
  const poolWidth = longest(pools.map(({ name }) => name));
  const nameWidth = longest(origins.map(({ name }) => name));
  const urlWidth = longest(origins.map(({ url }) => url));
  const lines = pools.flatMap((pool) => [
    ...pool.origins.map(({ name, url, maxConns }, index) =>
      [
        `    ${(index === 0 ? pool.name : "").padEnd(poolWidth)}`,
        name.padEnd(nameWidth),
        url.padEnd(urlWidth),
        limitText(pool, maxConns).padStart(8),
        stateText(viewOf.get(name), probes !== undefined),
      ].join("  "),
    ),
    ...registrationLines(pool, seenPools?.find(({ name }) => name === pool.name)?.origins, poolWidth),
  ]);
  return ["", `  ${bold(name)}  ${dim(policy.name)}`].concat(lines);
}

function limitText({ capacity }: PoolConfig, maxConns: number | undefined): string {
  if (capacity === "auto") return "auto";
  return maxConns === undefined ? "no limit" : `${maxConns} slots`;
}

/** That origins may register themselves, and which have, in an earlier run. */
function registrationLines(
  { name, origins, register }: PoolConfig,
  seen: readonly OriginView[] | undefined,
  poolWidth: number,
): string[] {
  if (register === undefined) return [];
  const members = (seen ?? []).flatMap(({ name, registered }) =>
    registered === null ? [] : [`${name} (heard ${Math.round(registered.heartbeatAgeMs / 1_000)} s ago)`],
  );
  const known = members.length === 0 ? "" : `: ${members.join(", ")}`;
  const place = (origins.length === 0 ? name : "").padEnd(poolWidth);
  return [`    ${place}  ${dim(`up to ${register.max} origins register themselves${known}`)}`];
}

const longest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));

/** What its probes say, and whether an operator has taken it out of service. */
function stateText(view: OriginView | undefined, isProbed: boolean): string {
  const health = isProbed ? healthText(view?.health) : dim("not probed");
  if (view === undefined || view.operator === "up") return health;
  return `${health}, ${yellow(orderWords[view.operator])}`;
}

function healthText(state: OriginView["health"] | undefined): string {
  switch (state) {
    case "healthy":
      return green("healthy");
    case "unhealthy":
      return red("unhealthy");
    case "unknown":
      return yellow("not known yet");
    case undefined:
      return "";
  }
}

const suggestionLines = ({ what, command }: Suggestion): string[] => [
  `    ${dim(`# ${what}`)}`,
  `    ${command}`,
];
