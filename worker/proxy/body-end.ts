/**
 * When a response is over. A small one of known length is over with its headers, since by then the origin has
 * handed it over; any other when its body ends, however it ends.
 *
 * To see that end the body has to pass through a stream of ours. A native pipe costs least: about a fifth of the
 * throughput at 64 KiB, where reading in JavaScript costs three quarters. No byte enters JavaScript, a
 * `FixedLengthStream` keeps the Content-Length, and an origin's cut stays a cut for the client. The bytes stay as they
 * are if the fetch said `encodeResponseBody: "manual"` (`worker/transport/` does) and the client's Response says
 * `encodeBody: "manual"`.
 */

import type { AnswerEnd } from "../../core/health/judgement.ts";
import { contentLength } from "./content-length.ts";

/** Up to this Content-Length a response is complete at its headers. */
export const completeAtHeadersBytes = 16_384;

export interface TrackedBody {
  readonly body: ReadableStream | null;
  /** How the body ended; never rejects. Absent: it was complete at its headers. */
  readonly ended: Promise<AnswerEnd> | undefined;
}

/**
 * The response's body, watched. `clientSignal` gives the client request's signal: it ends a body that the client no
 * longer waits for, and alone tells whose end broke, since workerd reports both in the same words.
 */
export function trackBodyEnd(response: Response, clientSignal: () => AbortSignal): TrackedBody {
  const { body } = response;
  if (body === null) return { body, ended: undefined };
  const length = contentLength(response.headers);
  if (length !== undefined && length <= completeAtHeadersBytes) return { body, ended: undefined };
  const through = length === undefined ? new IdentityTransformStream() : new FixedLengthStream(length);
  const signal = clientSignal();
  const ended = body.pipeTo(through.writable, { signal }).then(
    () => "complete" as const,
    () => (signal.aborted ? ("client-gone" as const) : ("cut-by-origin" as const)),
  );
  return { body: through.readable, ended };
}
