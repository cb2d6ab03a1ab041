/**
 * Why a request on a connection of its own got no answer. Unlike `fetch`, this way knows whether there ever was a connection, and
 * so whether the request may have been carried; the classifier (`../failure.ts`) only passes it on.
 */
import type { FailureKind } from "../../../core/health/judgement.ts";

export interface ConnectionFailure {
  readonly kind: FailureKind;
  /** "no": there was no connection, so the origin has not had one byte of the request. */
  readonly sent: "no" | "maybe";
  /** The request's body has not been read from. */
  readonly untouched?: true;
  /** From a fixed vocabulary: nothing that the origin or the client has sent is repeated. */
  readonly detail: string;
}

export class ConnectionFailed extends Error {
  override readonly name = "ConnectionFailed";
  readonly failure: ConnectionFailure;

  constructor(failure: ConnectionFailure) {
    super(`${failure.kind}: ${failure.detail}`);
    this.failure = failure;
  }
}

/** The origin's answer is none by HTTP's rules: the connection is of no more use, and the answer of none either. */
export function malformed(why: string): ConnectionFailed {
  return new ConnectionFailed({ kind: "malformed", sent: "maybe", detail: why });
}
