/** A request that is under way on a connection whose far end the test plays. */
import { expect } from "vitest";

import {
  ConnectionFailed,
  type ConnectionFailure,
} from "../../../../../worker/transport/own-connection/connection-failed.ts";
import {
  exchange,
  type Left,
  type OwnRequest,
} from "../../../../../worker/transport/own-connection/exchange.ts";
import { FarEnd } from "../../far-end.ts";
import { bytes } from "./pieces.ts";

/** What it means when there is no connection. */
export const unopened = { kind: "refused", detail: "no connection" } as const;

export const requestHead = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

export interface Begun {
  readonly origin: FarEnd;
  readonly answer: Promise<Response>;
  /** What was told of the connection behind the answer. */
  readonly left: readonly Left[];
  /** Gives the request up. */
  readonly abort: (reason?: Error) => void;
}

/** Sends a GET, or what is said of it; the origin does nothing by itself. */
export function begin(parts: Partial<OwnRequest> = {}): Begun {
  const origin = new FarEnd();
  const left: Left[] = [];
  const abort = new AbortController();
  const answer = exchange(
    { connection: origin.connection, unopened },
    {
      method: "GET",
      head: bytes(requestHead),
      isChunked: false,
      signal: abort.signal,
      whenOver: (what) => void left.push(what),
      ...parts,
    },
  );
  return { origin, answer, left, abort: (reason) => abort.abort(reason) };
}

/** Why there is no answer. */
export async function failureOf(answer: Promise<Response>): Promise<ConnectionFailure> {
  const error: unknown = await answer.then(
    ({ status }) => expect.fail(`there is an answer: ${status}`),
    (thrown: unknown) => thrown,
  );
  return error instanceof ConnectionFailed ? error.failure : expect.fail(String(error));
}
