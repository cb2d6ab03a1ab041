/**
 * One request and its answer over node:http, told as a browser would see it. A socket that failed is told apart by whose fault
 * it was: a front may close an idle connection at any time, and a request that goes out at that moment has reached no server
 * (RFC 9112, section 9.6); so a failure on a connection that was used before, with no byte of an answer, is `stale`.
 */
import { request, type Agent, type IncomingMessage } from "node:http";

export interface Sent {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly agent: Agent;
  /** The longest that a browser waits for the end of the answer. */
  readonly timeoutMs: number;
}

export const failures = ["refused", "stale", "reset", "cut", "timeout"] as const;
/**
 * `refused`: no server listened. `stale`: a connection that had been idle was closed. `reset`: a new connection broke before the
 * answer. `cut`: the answer broke off. `timeout`: the browser gave up.
 */
export type Failure = (typeof failures)[number];

export type Exchange =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: IncomingMessage["headers"];
      readonly body: string;
      /** The instance that answered; absent: what stands in front has answered by itself. */
      readonly instance?: string;
    }
  | { readonly kind: "failed"; readonly failure: Failure };

/** Sends it once. Never rejects. */
export function exchange({ url, method, headers, body, agent, timeoutMs }: Sent): Promise<Exchange> {
  return new Promise((done) => {
    let answer: IncomingMessage | undefined;
    let isLate = false;
    const outgoing = request(url, {
      method,
      agent,
      headers: { ...headers, ...(body && { "content-length": String(body.length) }) },
    });
    const timer = setTimeout(() => {
      isLate = true;
      outgoing.destroy(new Error("The browser gives up."));
    }, timeoutMs);
    const end = (exchange: Exchange): void => {
      clearTimeout(timer);
      done(exchange);
    };
    const fail = (error: NodeJS.ErrnoException): void =>
      end({
        kind: "failed",
        failure: failureOf({
          isLate,
          isAnswered: answer !== undefined,
          isReused: outgoing.reusedSocket,
          error,
        }),
      });
    outgoing.once("response", (incoming) => {
      answer = incoming;
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.once("error", fail);
      incoming.once("end", () => {
        const instance = incoming.headers["x-instance"];
        end({
          kind: "answered",
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString(),
          ...(typeof instance === "string" && { instance }),
        });
      });
    });
    outgoing.on("error", fail);
    outgoing.end(body);
  });
}

/** What a socket's error was to the browser. */
export function failureOf(seen: {
  readonly isLate: boolean;
  readonly isAnswered: boolean;
  readonly isReused: boolean;
  readonly error: { readonly code?: string | undefined };
}): Failure {
  if (seen.isLate) return "timeout";
  if (seen.isAnswered) return "cut";
  if (seen.error.code === "ECONNREFUSED") return "refused";
  return seen.isReused ? "stale" : "reset";
}
