/**
 * Measures what it costs a request to find its route, among few routes and among many, in turns (10, 100, …, 10, 100, …) after a warm-up of
 * all, so that what slows the machine down for a moment slows every table down. All tables are in one thread: the code is the same for all.
 *
 * Each request asks for another route, where there are as many: so hardly any route of a large table is in the processor's cache, which is
 * all that makes large tables slower.
 */
import { noQuestions } from "../../../core/rules/route-questions.ts";
import { chooseRoute } from "../../../core/routing/choose.ts";
import type { RouteMatch } from "../../../core/routing/match.ts";
import { RouteTable } from "../../../core/routing/route-table.ts";
import { readRequestUrl } from "../../../worker/proxy/request/request-url.ts";

/** How many routes a table has. */
export const sizes = [10, 100, 1_000, 10_000] as const;

/** The most that the largest table may cost, as a multiple of the smallest. */
export const mostTimes = 1.5;

export interface Cost {
  /** Median of the rounds. */
  readonly ns: number;
  /** The median of the rounds' multiples of the smallest table in the same round. */
  readonly times: number;
}

export interface SizeRow {
  readonly routes: number;
  /** From the request's URL to its route, and the form in which the path is sent on: all that a request pays. */
  readonly whole: Cost;
  /** The look-up in the table alone. */
  readonly table: Cost;
}

interface Trial {
  readonly table: RouteTable<RouteMatch>;
  readonly hosts: readonly string[];
  readonly requests: readonly Request[];
}

/** A row for each size. @param rounds how often each has its turn. @param count requests in a turn. */
export function measureRoutes(rounds: number, count = 100_000): SizeRow[] {
  const trials = sizes.map(trialOf);
  const [wholes, tables] = [choose, find].map((search) => {
    const turns = trials.map((): number[] => []);
    for (let round = -warmUps; round < rounds; round++) {
      for (const [index, trial] of trials.entries()) {
        const ns = nsEach(trial, search, count);
        if (round >= 0) turns[index]?.push(ns);
      }
    }
    return turns.map((turn) => costOf(turn, turns[0] ?? []));
  });
  const none = { ns: NaN, times: NaN };
  return sizes.map((routes, index) => ({
    routes,
    whole: wholes?.[index] ?? none,
    table: tables?.[index] ?? none,
  }));
}

const warmUps = 3;

function costOf(turn: readonly number[], smallest: readonly number[]): Cost {
  return { ns: median(turn), times: median(turn.map((ns, round) => ns / (smallest[round] ?? NaN))) };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/** So many requests are asked again and again. */
const requestCount = 1_024;

/** A tenth of the routes for any host, half of them for five hosts, the others for wildcards; exact paths and prefixes. */
function trialOf(size: number): Trial {
  const routes = Array.from({ length: size }, (_, index): RouteMatch => {
    const kind = index % 10;
    const named = kind < 6 ? `shop-${kind}.example.com` : `*.site-${kind}.example.com`;
    const path = `/store/section-${index % 97}/product-${index}`;
    return {
      ...(kind > 0 && { host: named }),
      ...(index % 2 === 0 ? { exact: `${path}/view` } : { prefix: path }),
    };
  });
  const asked = Array.from({ length: requestCount }, (_, request) => {
    const { host = "elsewhere.test", exact, prefix } = routes[(request * 7_919) % size] ?? {};
    return { host: host.replace("*", "www"), path: exact ?? `${prefix}/reviews` };
  });
  return {
    table: new RouteTable(routes),
    hosts: asked.map(({ host }) => host),
    requests: asked.map(({ host, path }) => new Request(`https://${host}${path}?page=2`)),
  };
}

type Search = (trial: Trial, at: number) => boolean;

const choose: Search = ({ table, requests }, at) => {
  const request = requests[at];
  const url = request && readRequestUrl(request);
  return url !== undefined && chooseRoute(table, url, noQuestions).kind === "route";
};

/** The path is a fresh string, as that of a request is. */
const find: Search = ({ table, hosts, requests }, at) => {
  const [host = "", url = ""] = [hosts[at], requests[at]?.url];
  return table.find(host, url.slice(8 + host.length, -7), noQuestions) !== undefined;
};

function nsEach(trial: Trial, search: Search, count: number): number {
  let found = 0;
  const started = cpuNs();
  for (let turn = 0; turn < count; turn++) if (search(trial, turn % requestCount)) found += 1;
  const spent = cpuNs() - started;
  if (found !== count) throw new Error(`${count - found} requests have found no route`);
  return spent / count;
}

/** CPU time of this thread: what else runs on the machine does not count. */
function cpuNs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) * 1_000;
}
