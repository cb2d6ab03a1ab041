/**
 * A request that a filter sends itself, beside the client's: to a service that decides on access, for the page of an error, as a copy of
 * what an origin gets. It has a pick, a slot and a log line of its own (`for` names the filter), and passes no filters, so that no
 * filter can wait for itself. For its upstream the client is the same: address, host and scheme are those of the client's request.
 */
import type { Millis } from "../../core/model/upstream.ts";
import type { ActiveUpstream } from "../active-config.ts";
import { logRequest, requestEvent } from "../telemetry/access-log.ts";
import { askOrigins } from "./ask-origins.ts";
import { inPhases } from "./filters/phases.ts";
import { prepareRequest } from "./request/prepare-request.ts";
import { withTarget } from "./request/request-url.ts";
import { errorStatus, type ProxyError } from "./response/error-response.ts";
import { finishResponse } from "./response/finish-response.ts";
import { failureOf } from "./response/own-answer.ts";
import { Transaction } from "./transaction.ts";

/** What a filter asks of an upstream. */
export interface SideRequest {
  /** The filter's name. */
  readonly by: string;
  readonly upstream: ActiveUpstream;
  readonly method: string;
  /** Path and query, from one slash. */
  readonly target: string;
  /** As a client's: Weir makes the headers for the origin from them. */
  readonly headers: Headers;
  readonly body?: Uint8Array<ArrayBuffer> | null;
  /** From now until the last byte of the answer. */
  readonly timeoutMs: Millis;
  /** Goes on when the client has left. */
  readonly outlivesClient?: boolean;
  /** Changes the headers for the origin, after Weir has made them. */
  readonly edit?: (headers: Headers) => void;
}

/** The answer, whose body has to be read or cancelled: its slot ends with it; or why there is none. */
export type SideAnswer =
  | { readonly kind: "answered"; readonly response: Response }
  | { readonly kind: "failed"; readonly error: ProxyError };

/** Sends the request. Never rejects. */
export async function sendAside(tx: Transaction, side: SideRequest): Promise<SideAnswer> {
  const { by, upstream, method, headers, target, body = null, timeoutMs, edit } = side;
  const url = withTarget(tx.url, target);
  if (url === undefined) return { kind: "failed", error: { kind: "bad-request" } };
  const deadline = new Deadline(timeoutMs, side.outlivesClient === true ? undefined : tx.request.signal);
  const { signal } = deadline;
  const { cf } = tx.request;
  const init: RequestInit = { method, headers, body, signal, ...(cf && { cf }) };
  const request = new Request(`${url.scheme}://${url.authority}${url.target}`, init);
  const { hostname: host, path } = url;
  const event = requestEvent({ requestId: tx.id, method, host, path, startedMs: Date.now() });
  event.for = by;
  const filters = inPhases([{ name: by, onThrow: "skip", onEnd: () => deadline.stop() }]);
  const route = { ...tx.route, upstream: upstream.config.name, to: upstream, filters };
  const found = { route, url, source: tx.source, isAmbiguous: false };
  const aside = new Transaction(request, tx, tx.config, event, tx.lingerer, found);
  aside.entered = filters.onRequest.length;
  if (edit !== undefined) aside.editOriginHeaders(edit);
  const answer = await ask(aside);
  if (answer.kind === "answered") return answer;
  deadline.stop();
  return deadline.isOver ? { kind: "failed", error: { kind: "origin-timeout" } } : answer;
}

async function ask(aside: Transaction): Promise<SideAnswer> {
  const prepared = await prepareRequest(aside);
  if ("kind" in prepared) return failed(aside, prepared);
  const result = await askOrigins(aside, prepared);
  if (result.kind === "error") return failed(aside, result.error);
  return { kind: "answered", response: await finishResponse(result, aside, prepared) };
}

function failed({ event }: Transaction, error: ProxyError): SideAnswer {
  event.status = errorStatus(error);
  event.failure ??= failureOf(error);
  logRequest(event, Date.now());
  return { kind: "failed", error };
}

/** Ends a side request: when its time is over, or when the client has gone that it is made for. */
class Deadline {
  readonly #over = new AbortController();
  readonly #timer: number;
  readonly #client: AbortSignal | undefined;
  readonly #leave = (): void => this.#over.abort();
  /** Its time was over before it had ended. */
  isOver = false;

  constructor(inMs: Millis, client: AbortSignal | undefined) {
    this.#client = client;
    client?.addEventListener("abort", this.#leave, { once: true });
    this.#timer = setTimeout(() => {
      this.isOver = true;
      this.#over.abort();
    }, inMs);
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#client?.removeEventListener("abort", this.#leave);
  }
}
