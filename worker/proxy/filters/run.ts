/**
 * Runs the phases of a route's filters. A phase is asynchronous only where a filter is: a promise costs a microsecond in workerd, settled
 * or not, and most filters have nothing to wait for. What a filter throws ends nothing but what `onThrow` says.
 */
import type { MaybePromise } from "../../../core/protocol/object-namespace.ts";
import type { FilterFailedEvent } from "../../../core/telemetry/events.ts";
import { logEvent } from "../../telemetry/log-event.ts";
import type { OriginResponse } from "../attempt/attempt-loop.ts";
import type { ProxyError } from "../response/error-response.ts";
import type { Transaction } from "../transaction.ts";
import type { OwnAnswer, ClientHead, RequestEnd, RequestVerdict, RouteFilter } from "./filter.ts";

/** A phase in which a filter may have the last word. */
interface AnsweringPhase<Said> {
  readonly name: "onRequest" | "onReady" | "onRefusal" | "onResponse";
  readonly filters: readonly RouteFilter[];
  readonly call: (filter: RouteFilter, at: number) => MaybePromise<Said | undefined>;
  /** What stands for a filter that threw and must not be skipped. */
  readonly refusal: Said;
  /** Whether the word is the filter's own answer, so that the log names the filter. */
  readonly isAnswer: (said: Said) => boolean;
}

const internal: OwnAnswer = { kind: "error", error: { kind: "internal" } };

/** Enters the filters one after the other. Resolves to the first verdict; `undefined`: the request goes on. Never rejects. */
export function runOnRequest(tx: Transaction): MaybePromise<RequestVerdict | undefined> {
  const { onRequest: filters } = tx.route.filters;
  if (filters.length === 0) return undefined;
  return firstWord(tx, {
    name: "onRequest",
    filters,
    call: (filter, at) => {
      tx.entered = at + 1;
      return filter.onRequest?.(tx);
    },
    refusal: { kind: "answer", answer: internal },
    isAnswer: ({ kind }) => kind === "answer",
  });
}

/** The answer that a filter gives before an origin is picked; `undefined`: the request goes on. Never rejects. */
export function runOnReady(tx: Transaction): MaybePromise<OwnAnswer | undefined> {
  const { onReady: filters } = tx.route.filters;
  if (filters.length === 0) return undefined;
  return firstWord<OwnAnswer>(tx, {
    name: "onReady",
    filters,
    call: (filter) => filter.onReady?.(tx),
    refusal: internal,
    isAnswer: () => true,
  });
}

/** The answer in place of an error: the first that a filter gives; `undefined`: none does. Never rejects. */
export function runOnRefusal(tx: Transaction, error: ProxyError): MaybePromise<OwnAnswer | undefined> {
  return firstWord(tx, {
    name: "onRefusal",
    filters: tx.route.filters.onRefusal,
    call: (filter) => filter.onRefusal?.(tx, error),
    refusal: internal,
    // A page for an error leaves the answer to the filter that refused.
    isAnswer: ({ kind }) => kind === "response",
  });
}

/** The origin's response as the filters leave it, or the answer that one of them gives in place of it. Never rejects. */
export function runOnResponse(
  tx: Transaction,
  received: OriginResponse,
): MaybePromise<OriginResponse | OwnAnswer> {
  const { onResponse: filters } = tx.route.filters;
  if (filters.length === 0) return received;
  let response = received;
  const heed = (made: OriginResponse | OwnAnswer | undefined): OwnAnswer | undefined => {
    if (made?.kind !== "served") return made;
    response = made;
    return undefined;
  };
  const answer = firstWord<OwnAnswer>(tx, {
    name: "onResponse",
    filters,
    call: (filter) => {
      const made = filter.onResponse?.(tx, response);
      return made instanceof Promise ? made.then(heed) : heed(made);
    },
    refusal: internal,
    isAnswer: () => true,
  });
  return answer instanceof Promise ? answer.then((late) => late ?? response) : (answer ?? response);
}

/** Every answer passes here, right before the client gets it. Never throws. */
export function runOnSend(tx: Transaction, head: ClientHead): void {
  for (const filter of tx.route.filters.onSend) {
    try {
      filter.onSend?.(tx, head);
    } catch (error) {
      tell(tx, filter, "onSend", error);
    }
  }
}

/** Tells the filters that were entered that the request is over, or has left the route: once, whatever ends. Never throws. */
export function runOnEnd(tx: Transaction, end: RequestEnd): void {
  const { entered } = tx;
  tx.entered = 0;
  if (!tx.route.filters.hasEnd) return;
  for (const filter of tx.route.filters.onRequest.slice(0, entered)) {
    try {
      filter.onEnd?.(tx, end);
    } catch (error) {
      tell(tx, filter, "onEnd", error);
    }
  }
}

function firstWord<Said>(
  tx: Transaction,
  phase: AnsweringPhase<Said>,
  from = 0,
): MaybePromise<Said | undefined> {
  const { filters } = phase;
  for (let at = from; at < filters.length; at++) {
    const filter = filters[at];
    if (filter === undefined) continue;
    const said = wordOf(tx, phase, filter, at);
    if (said instanceof Promise) {
      return said.then((late) =>
        late === undefined ? firstWord(tx, phase, at + 1) : named(tx, phase, filter, late),
      );
    }
    if (said !== undefined) return named(tx, phase, filter, said);
  }
  return undefined;
}

function named<Said>(
  { event }: Transaction,
  { isAnswer }: AnsweringPhase<Said>,
  { name }: RouteFilter,
  said: Said,
): Said {
  if (isAnswer(said)) event.filter = name;
  return said;
}

/** What a filter says, whatever it throws, now or later. */
function wordOf<Said>(
  tx: Transaction,
  { name, call, refusal }: AnsweringPhase<Said>,
  filter: RouteFilter,
  at: number,
): MaybePromise<Said | undefined> {
  try {
    const said = call(filter, at);
    if (!(said instanceof Promise)) return said;
    return said.catch((error: unknown) => thrown(tx, name, filter, refusal, error));
  } catch (error) {
    return thrown(tx, name, filter, refusal, error);
  }
}

function thrown<Said>(
  tx: Transaction,
  phase: AnsweringPhase<Said>["name"],
  filter: RouteFilter,
  refusal: Said,
  error: unknown,
): Said | undefined {
  tell(tx, filter, phase, error);
  return filter.onThrow === "refuse" ? refusal : undefined;
}

function tell(
  { id, route }: Transaction,
  { name }: RouteFilter,
  phase: FilterFailedEvent["phase"],
  error: unknown,
): void {
  const detail = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  logEvent({ event: "filter-failed", requestId: id, route: route.name, filter: name, phase, detail });
}
