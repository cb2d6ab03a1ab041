/** What `weir start` prints when everything runs: what runs where, and what to try. Pure: facts in, lines out. */
import type { UpstreamView } from "../../core/upstream-view.ts";
import type { UpstreamConfig } from "../../worker/config/config.ts";
import { bold, cyan, dim, green, red, yellow } from "../terminal/style.ts";
import type { StartFacts } from "./facts.ts";
import { suggestions, type Suggestion } from "./suggestions.ts";

/** The whole text, without a newline at its end. */
export function startSummary(facts: StartFacts): string {
  const { config, adminToken, simulated } = facts;
  const notes: [string, string][] = [
    ["Admin token", `${adminToken}  ${dim(facts.tokenIsNew ? "for this run" : "from WEIR_ADMIN_TOKEN")}`],
    ...(simulated ? [["origin-sim", `${simulated.controlUrl}/origins`] as [string, string]] : []),
    ["Logs", facts.logFiles.join("  ")],
  ];
  return [
    "",
    `${green("●")} ${bold("Weir is ready")}  ${cyan(`http://localhost:${facts.port}`)}`,
    ...config.upstreams.flatMap((upstream) => upstreamLines(upstream, facts.views)),
    "",
    ...notes.map(([label, value]) => `  ${label.padEnd(12)} ${value}`),
    "",
    `  ${bold("Try")}`,
    ...suggestions(facts).flatMap(suggestionLines),
    "",
    `  ${dim("Ctrl-C stops everything.")}`,
  ].join("\n");
}

function upstreamLines(
  { name, policy, pools, health: probes }: UpstreamConfig,
  views: readonly UpstreamView[] | undefined,
): string[] {
  const seen = views?.find((view) => view.name === name)?.pools.flatMap(({ origins }) => origins);
  const healthOf = new Map(seen?.map(({ name, health }) => [name, health]));
  const origins = pools.flatMap(({ origins }) => origins);
  const poolWidth = longest(pools.map(({ name }) => name));
  const nameWidth = longest(origins.map(({ name }) => name));
  const urlWidth = longest(origins.map(({ url }) => url));
  const lines = pools.flatMap((pool) =>
    pool.origins.map(({ name, url, maxConns }, index) =>
      [
        `    ${(index === 0 ? pool.name : "").padEnd(poolWidth)}`,
        name.padEnd(nameWidth),
        url.padEnd(urlWidth),
        (maxConns === undefined ? "no limit" : `${maxConns} slots`).padStart(8),
        probes === undefined ? dim("not probed") : healthText(healthOf.get(name)),
      ].join("  "),
    ),
  );
  return ["", `  ${bold(name)}  ${dim(policy.name)}`].concat(lines);
}

const longest = (texts: readonly string[]): number => Math.max(...texts.map((text) => text.length));

function healthText(state: "healthy" | "unhealthy" | "unknown" | undefined): string {
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
