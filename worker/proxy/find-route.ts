/** Which route a request takes, and where the request comes from: what the route's origins are told of that goes by the hosts that the config names. */
import { chooseRoute } from "../../core/routing/choose.ts";
import type { ConditionFacts } from "../../core/rules/conditions.ts";
import { noQuestions, RouteQuestions } from "../../core/rules/route-questions.ts";
import type { ServingConfig } from "../active-config.ts";
import { cookieIn, headerIn } from "./request/header-facts.ts";
import { requestSource, type RequestSource } from "./request/request-source.ts";
import type { RequestUrl } from "./request/request-url.ts";
import type { RouteFound } from "./transaction.ts";

/** Why a request gets to no route. */
export type Unrouted = "bad-request" | "target-too-long" | "headers-too-large" | "no-route";

/**
 * The route for a URL.
 * @param url `undefined`: the request's host or target is none.
 */
export function findRoute(
  request: Request,
  url: RequestUrl | undefined,
  { config, table }: ServingConfig,
): RouteFound | Unrouted {
  if (url === undefined) return "bad-request";
  if (url.target.length > config.limits.targetBytes) return "target-too-long";
  const questions = table.hasQuestions
    ? new RouteQuestions(factsOf(request, url, config), url.target.slice(url.path.length + 1))
    : noQuestions;
  const choice = chooseRoute(table, url, questions);
  if (choice.kind === "no-route") return "no-route";
  if (choice.kind === "too-long") return choice.of === "target" ? "target-too-long" : "headers-too-large";
  const { route } = choice;
  const source = requestSource(request, url, config.target, config.forwarding, route.isNamed);
  if (choice.kind === "ambiguous-path") return { route, url, source, isAmbiguous: true };
  const { target } = choice;
  return { route, url: target === url.target ? url : { ...url, target }, source, isAmbiguous: false };
}

/** Each fact is worked out when a condition asks for it. */
function factsOf(
  request: Request,
  url: RequestUrl,
  { target, forwarding }: ServingConfig["config"],
): ConditionFacts {
  let known: RequestSource | undefined;
  // No condition asks for the host, which only a route could vouch for.
  const source = (): RequestSource =>
    (known ??= requestSource(request, url, target, forwarding, () => false));
  return {
    method: request.method,
    get scheme() {
      return source().scheme;
    },
    get client() {
      return source().address;
    },
    header: (name) => headerIn(request.headers, name),
    cookie: (name) => cookieIn(request.headers, name),
  };
}
