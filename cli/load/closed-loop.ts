/**
 * A closed-loop load generator: each of N clients sends its next request when the last one has been answered, as
 * N impatient people would. The number of open requests is thus at most N, which is what makes "12 clients stay
 * home, 60 spill" a statement about slots. (It is no measure of latency at a given rate: a slow server slows its
 * clients down. `test/bench` has an open loop for that.)
 *
 * Latency is measured to the end of the body, by the client's clock.
 */
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";

export interface LoadOptions {
  /** Scheme, host and port. */
  readonly url: string;
  readonly clients: number;
  /** Default `/`. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The longest a client waits for an answer's headers, or between two parts of its body. Default 30 s. */
  readonly timeoutMs?: number;
  /** How long a client looks at an answer before it asks again. Default 0. */
  readonly pauseMs?: number;
  /** Clients keep the cookie that they were given last, as one browser's session each. Default false. */
  readonly keepCookies?: boolean;
  /** Ends the load: no client starts another request; open ones are awaited. */
  readonly signal: AbortSignal;
  /** `client`: which of them it was, from 0. */
  readonly onRecord: (record: LoadRecord, client: number) => void;
}

/** One request, as its client saw it. */
export interface LoadRecord {
  /** By `performance.now()`. */
  readonly startedAtMs: number;
  readonly latencyMs: number;
  readonly outcome: Outcome;
}

type Outcome =
  /** `origin` is what origin-sim says in `X-Origin`; absent if Weir answered by itself. */
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly origin?: string;
      /** The first part of its cookie, if it set one. */
      readonly cookie?: string;
    }
  /** No answer, or one that broke off. */
  | { readonly kind: "failed"; readonly error: string };

/** Runs the load until `signal` aborts. Resolves when the last open request has ended; never rejects. */
export async function runClosedLoop(options: LoadOptions): Promise<void> {
  const { url, clients, timeoutMs = 30_000 } = options;
  const pool = new Pool(url, {
    connections: clients,
    pipelining: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  await Promise.all(Array.from({ length: clients }, (_, client) => runClient(pool, client, options)));
  await pool.close();
}

async function runClient(
  pool: Pool,
  client: number,
  { path = "/", headers = {}, pauseMs = 0, keepCookies = false, signal, onRecord }: LoadOptions,
): Promise<void> {
  const sent = { ...headers };
  while (!signal.aborted) {
    const startedAtMs = performance.now();
    const outcome = await send(pool, path, sent);
    onRecord({ startedAtMs, latencyMs: performance.now() - startedAtMs, outcome }, client);
    if (keepCookies && outcome.kind === "answered" && outcome.cookie !== undefined)
      sent["cookie"] = outcome.cookie;
    if (pauseMs > 0) await sleep(pauseMs, undefined, { signal }).catch(() => {});
  }
}

async function send(pool: Pool, path: string, headers: Readonly<Record<string, string>>): Promise<Outcome> {
  try {
    const response = await pool.request({ method: "GET", path, headers: { ...headers } });
    // Not `dump()`, which hides that a body broke off.
    await finished(response.body.resume());
    const { "x-origin": origin, "set-cookie": setCookie } = response.headers;
    const [cookie] = [setCookie ?? []].flat();
    return {
      kind: "answered",
      status: response.statusCode,
      ...(typeof origin === "string" && { origin }),
      ...(cookie !== undefined && { cookie: cookie.split(";", 1)[0] ?? "" }),
    };
  } catch (error) {
    return { kind: "failed", error: error instanceof Error ? error.message : String(error) };
  }
}
