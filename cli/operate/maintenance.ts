/** `weir maintenance on ROUTE`, `off ROUTE` and `list`: which routes of a running Weir are in maintenance. */
import type { MaintenanceOrder, RouteMaintenance } from "../../core/protocol/maintenance.ts";
import { knownWithinMs } from "../../core/maintenance/known-orders.ts";
import { ExpectedError } from "../expected-error.ts";
import { apiCaller, strange, type Whereabouts } from "./api-caller.ts";
import { exitCodes } from "./exit-codes.ts";

export type MaintenanceCommand = MaintenanceOrder | "list";

export interface MaintenanceOptions extends Whereabouts {
  /** When the maintenance ends by itself, as a duration of the config: `30m`. */
  readonly for?: string;
}

/** Gives the order, or lists the routes. @returns the exit code. @throws ExpectedError if Weir does not carry it out. */
export async function maintenance(
  command: MaintenanceCommand,
  route: string | undefined,
  options: MaintenanceOptions,
): Promise<number> {
  if (command !== "list" && route === undefined)
    throw new ExpectedError(
      `Which route? weir maintenance ${command} ROUTE`,
      "weir maintenance list names those that there are.",
    );
  const call = await apiCaller(options);
  const routes = async (method: "GET" | "POST", path: string): Promise<readonly RouteMaintenance[]> => {
    const answer = await call(method, path);
    if (hasMaintenance(answer)) return answer.maintenance;
    throw strange(options.url, JSON.stringify(answer));
  };
  if (command === "list" || route === undefined) {
    const all = await routes("GET", "maintenance");
    const shown = route === undefined ? all : all.filter((one) => one.route === route);
    const nothing =
      "No route can be put in maintenance by an order: set maintenance: { byOrder: true } of one.";
    console.log(shown.map(lineOf).join("\n") || nothing);
    return exitCodes.done;
  }
  const time = options.for === undefined ? "" : `?for=${encodeURIComponent(options.for)}`;
  const all = await routes("POST", `maintenance/${encodeURIComponent(route)}/${command}${time}`);
  const view = all.find((one) => one.route === route);
  console.log(
    `${view === undefined ? `${route}: open` : lineOf(view)}. All isolates know within ${knownWithinMs / 1_000} s.`,
  );
  return exitCodes.done;
}

function lineOf({ route, sinceMs, untilMs, inConfig }: RouteMaintenance): string {
  const since = sinceMs === null ? "open" : `in maintenance since ${timeOf(sinceMs)}`;
  const until = untilMs === null ? "" : `, until ${timeOf(untilMs)}`;
  const leftOver = inConfig ? "" : ", but orders do not close a route of this name in the config that runs";
  return `${route}: ${since}${until}${leftOver}`;
}

const timeOf = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

/** The Worker is built together with us, so its answer is known by its envelope. */
const hasMaintenance = (answer: unknown): answer is { readonly maintenance: readonly RouteMaintenance[] } =>
  typeof answer === "object" &&
  answer !== null &&
  "maintenance" in answer &&
  Array.isArray(answer.maintenance);
