/**
 * What a route's action is made of. A filter has phases, and no `next()`: the pipeline calls each phase of each filter of the route in
 * one fixed order (`order.ts`), so what runs when can be read there. A filter is made once, for a route, when a config is activated,
 * and serves many requests at a time: what it has to remember of a request it keeps in a `PerRequest` (`transaction.ts`).
 */
import type { AnswerEnd } from "../../../core/health/judgement.ts";
import type { MaybePromise } from "../../../core/protocol/object-namespace.ts";
import type { ActiveUpstream } from "../../active-config.ts";
import type { Config } from "../../config/sections/config.ts";
import type { RouteConfig } from "../../config/sections/route.ts";
import type { HoldsClient } from "../../objects/holds-client.ts";
import type { LimitsClient } from "../../objects/limits-client.ts";
import type { MaintenanceClient } from "../../objects/maintenance-client.ts";
import type { OriginResponse } from "../attempt/attempt-loop.ts";
import type { RequestUrl } from "../request/request-url.ts";
import type { ProxyError } from "../response/error-response.ts";
import type { Transaction } from "../transaction.ts";

/** An answer that no origin gives: an error, which one switch turns into a page or JSON (`error-response.ts`), or a response as it is. */
export type OwnAnswer =
  | {
      readonly kind: "error";
      readonly error: ProxyError;
      /** The page for clients that prefer one, with the placeholders of `errors`; absent: Weir's own. */
      readonly page?: string | undefined;
      /** Others that the answer has beside its own. */
      readonly headers?: Headers;
    }
  | { readonly kind: "response"; readonly response: Response };

/** What a filter makes of a request: its answer, or that it is for another URL, and so for that one's route from the start. */
export type RequestVerdict =
  | { readonly kind: "answer"; readonly answer: OwnAnswer }
  | { readonly kind: "reroute"; readonly url: RequestUrl };

/** The head of an answer on its way to the client. */
export interface ClientHead {
  readonly status: number;
  /** The client's own copy, which filters change. */
  readonly headers: Headers;
  /** The origin's answer that it goes back to; absent: no origin gave one. */
  readonly origin: OriginResponse | undefined;
  /** The body is Weir's own or the operator's, also where an origin has answered (`errors.intercept`). */
  readonly isOwn: boolean;
  /** Which of the headers that filters may rewrite the origin's answer has (`has` in `forwarding-headers.ts`): to look for each one costs. */
  readonly found: number;
}

/** How a request ended, or how it left its route. */
export type RequestEnd =
  | { readonly kind: "answered"; readonly status: number; readonly body: AnswerEnd }
  | { readonly kind: "rerouted" };

/**
 * One action of a route. In each phase a filter may return nothing, and then the request goes on. What a phase throws is logged
 * (`filter-failed`).
 */
export interface RouteFilter {
  readonly name: string;
  /**
   * When a phase throws that could have answered: `refuse` answers 500 (what guards a route must not be skipped), `skip` goes on as if the
   * filter were not there. In `onSend` and `onEnd` there is an answer already, and it stands.
   */
  readonly onThrow: "refuse" | "skip";
  /** Before an origin is picked, and before the body is read. */
  readonly onRequest?: (tx: Transaction) => MaybePromise<RequestVerdict | undefined>;
  /** The body has come, or comes while it is sent on; an origin is about to be picked. */
  readonly onReady?: (tx: Transaction) => MaybePromise<OwnAnswer | undefined>;
  /** The request gets an error in an origin's place: the first filter that returns an answer has it sent instead. */
  readonly onRefusal?: (tx: Transaction, error: ProxyError) => MaybePromise<OwnAnswer | undefined>;
  /** An origin has answered; the body is unread. A response in place of it, or an answer, ends the phase only if it is an answer. */
  readonly onResponse?: (
    tx: Transaction,
    response: OriginResponse,
  ) => MaybePromise<OriginResponse | OwnAnswer | undefined>;
  /** Every answer to a request that has a route, Weir's own too. */
  readonly onSend?: (tx: Transaction, head: ClientHead) => void;
  /** Once, if `onRequest` of this filter was reached: when the request is over, or has left the route. */
  readonly onEnd?: (tx: Transaction, end: RequestEnd) => void;
}

/** What a filter is made of. */
export interface RouteFacts {
  readonly route: RouteConfig;
  readonly config: Config;
  /** Those that the route's requests may go to. */
  readonly upstreams: readonly ActiveUpstream[];
  /** The ways to the objects of limits; absent: no route has any. */
  readonly limits: LimitsClient | undefined;
  readonly holds: HoldsClient | undefined;
  /** The orders that close routes; absent: there is no binding to their object. */
  readonly maintenanceOrders: MaintenanceClient | undefined;
  /** The upstream of a name that the config has. */
  readonly upstreamOf: (name: string) => ActiveUpstream;
}

/** Makes the filter for a route; `undefined`: the route has no use for it. */
export type FilterMaker = (facts: RouteFacts) => RouteFilter | undefined;

/** The verdict of a filter that answers with an error. */
export function refuse(error: ProxyError, page?: string): RequestVerdict {
  return { kind: "answer", answer: { kind: "error", error, page } };
}
