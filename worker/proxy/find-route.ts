/** Which route a request takes, and where the request comes from: what the route's origins are told of that goes by the hosts that the config names. */
import { chooseRoute } from "../../core/routing/choose.ts";
import { namesHost } from "../../core/routing/match.ts";
import type { ServingConfig } from "../active-config.ts";
import { requestSource } from "./request/request-source.ts";
import type { RequestUrl } from "./request/request-url.ts";
import type { RouteFound } from "./transaction.ts";

/** Why a request gets to no route. */
export type Unrouted = "bad-request" | "target-too-long" | "no-route";

/**
 * The route for a URL.
 * @param url `undefined`: the request's host or target is none.
 */
export function findRoute(
  request: Request,
  url: RequestUrl | undefined,
  { config, routes }: ServingConfig,
): RouteFound | Unrouted {
  if (url === undefined) return "bad-request";
  if (url.target.length > config.limits.targetBytes) return "target-too-long";
  const choice = chooseRoute(routes, url);
  if (choice.kind === "no-route") return "no-route";
  const { route } = choice;
  const isNamed = (host: string): boolean =>
    namesHost(
      routes.filter((other) => other.upstream === route.upstream),
      host,
    );
  const source = requestSource(request, url, config.target, config.forwarding, isNamed);
  if (choice.kind === "ambiguous-path") return { route, url, source, isAmbiguous: true };
  const { target } = choice;
  return { route, url: target === url.target ? url : { ...url, target }, source, isAmbiguous: false };
}
