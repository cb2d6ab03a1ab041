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
    ? new RouteQuestions(new RequestInHand(request, url, config), url.target.slice(url.path.length + 1))
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

/** Each fact is worked out when a condition asks for it. A class: an object literal with accessors is slow to make. */
class RequestInHand implements ConditionFacts {
  readonly #request: Request;
  readonly #url: RequestUrl;
  readonly #config: ServingConfig["config"];
  #source: RequestSource | undefined;

  constructor(request: Request, url: RequestUrl, config: ServingConfig["config"]) {
    this.#request = request;
    this.#url = url;
    this.#config = config;
  }

  get method(): string {
    return this.#request.method;
  }

  get scheme(): string {
    return this.#from().scheme;
  }

  get client(): string | undefined {
    return this.#from().address;
  }

  readonly header = (name: string): string | undefined => headerIn(this.#request.headers, name);
  readonly cookie = (name: string): string | undefined => cookieIn(this.#request.headers, name);

  /** No condition asks for the host, which only a route could vouch for. */
  #from(): RequestSource {
    const { target, forwarding } = this.#config;
    return (this.#source ??= requestSource(this.#request, this.#url, target, forwarding, () => false));
  }
}
