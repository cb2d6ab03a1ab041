/**
 * What the guards of a route have in common: each says why it refuses a request, and what the client is told. A route with `access.satisfy: "any"` asks
 * them one after the other until one is content (nginx's `satisfy any`); else all have to be. The reason goes to the log (`denied`)
 * and to a counter, never to the client.
 */
import type { MaybePromise } from "../../../core/protocol/object-namespace.ts";
import type { RouteConfig } from "../../config/sections/route.ts";
import type { Denial } from "../../telemetry/access-log.ts";
import type { ProxyError } from "../response/error-response.ts";
import { PerRequest, type Transaction } from "../transaction.ts";
import { refuse, type RequestVerdict, type RouteFilter } from "./filter.ts";

/** In the order in which a request meets them. */
const guardNames = ["access", "basicAuth", "jwt", "cloudflareAccess"] as const;
export type GuardName = (typeof guardNames)[number];

export interface GuardRefusal {
  readonly why: Denial;
  readonly error: ProxyError;
}

export interface Guard {
  /** What has to be done with every request, whichever guard lets it pass. */
  readonly enter?: (tx: Transaction) => void;
  /** Why the request may not pass; `undefined`: this guard is content. */
  readonly judge: (tx: Transaction) => MaybePromise<GuardRefusal | undefined>;
}

/** What the guards before have found, where one is enough. */
const before = new PerRequest<"content" | GuardRefusal>();

/** The filter of a guard, which refuses what throws, too. */
export function guard(name: GuardName, route: RouteConfig, { enter, judge }: Guard): RouteFilter {
  const guards = guardNames.filter((each) => route[each] !== undefined);
  const isLast = guards.at(-1) === name;
  const isOneEnough = route.access?.satisfy === "any" && guards.length > 1;
  const follow = isOneEnough
    ? (tx: Transaction, found: GuardRefusal | undefined) => followAny(tx, found, isLast)
    : followEach;
  return {
    name,
    onThrow: "refuse",
    onRequest: (tx) => {
      enter?.(tx);
      if (isOneEnough && before.of(tx) === "content") return undefined;
      const found = judge(tx);
      return found instanceof Promise ? found.then((late) => follow(tx, late)) : follow(tx, found);
    },
  };
}

function followEach(tx: Transaction, found: GuardRefusal | undefined): RequestVerdict | undefined {
  return found && deny(tx, found);
}

function followAny(
  tx: Transaction,
  found: GuardRefusal | undefined,
  isLast: boolean,
): RequestVerdict | undefined {
  if (found === undefined) {
    before.keep(tx, "content");
    return undefined;
  }
  const earlier = before.of(tx);
  const told = earlier === undefined || earlier === "content" ? found : moreUseful(earlier, found);
  if (isLast) return deny(tx, told);
  before.keep(tx, told);
  return undefined;
}

/** What the client can do something about is what it is told: that it can log in, and by any of the ways that there are. */
function moreUseful(earlier: GuardRefusal, later: GuardRefusal): GuardRefusal {
  const [first, second] = [earlier.error, later.error];
  if (first.kind === "forbidden") return later;
  if (second.kind === "login-required" && first.kind === "login-required")
    return { ...later, error: { ...second, challenges: [...first.challenges, ...second.challenges] } };
  return second.kind === "login-required" ? later : earlier;
}

function deny(tx: Transaction, { why, error }: GuardRefusal): RequestVerdict {
  tx.event.denied = why;
  tx.holder?.count("denied", { route: tx.route.name, why });
  return refuse(error);
}
