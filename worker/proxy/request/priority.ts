/**
 * How urgent a request is: what its route says, or a header of the request where the route names one. Any client can
 * send that header, and so go first.
 */
import { priorities, type Priority } from "../../../core/model/upstream.ts";
import type { RouteConfig } from "../../config/sections/route.ts";

/** `byDefault`: where the route says nothing; absent: normal. */
export function requestPriority(
  { priority }: Pick<RouteConfig, "priority">,
  request: Pick<Request, "headers">,
  byDefault: Priority = "normal",
): Priority {
  if (priority === undefined) return byDefault;
  if (typeof priority === "string") return priority;
  const claimed = request.headers.get(priority.header);
  return priorities.find((known) => known === claimed) ?? "normal";
}
