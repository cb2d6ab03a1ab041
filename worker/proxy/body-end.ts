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
  /** How long it is, if it says so; else, where it is weighed, what has gone through so far. */
  readonly bytes: () => number;
}

/**
 * The response's body, watched. `clientSignal` gives the client request's signal: it ends a body that the client no
 * longer waits for, and alone tells whose end broke, since workerd reports both in the same words. `isWeighed`: its bytes
 * are paid for, so that one of unknown length is read in JavaScript and counted.
 */
export function trackBodyEnd(
  response: Response,
  clientSignal: () => AbortSignal,
  isWeighed = false,
): TrackedBody {
  const { body } = response;
  if (body === null) return { body, ended: undefined, bytes: () => 0 };
  const length = contentLength(response.headers);
  let seen = 0;
  const bytes = (): number => length ?? seen;
  if (length !== undefined && length <= completeAtHeadersBytes) return { body, ended: undefined, bytes };
  const count = (chunk: Uint8Array): void => void (seen += chunk.byteLength);
  const through = throughStream(length, isWeighed ? count : undefined);
  const signal = clientSignal();
  const ended = body.pipeTo(through.writable, { signal }).then(
    () => "complete" as const,
    () => (signal.aborted ? ("client-gone" as const) : ("cut-by-origin" as const)),
  );
  return { body: through.readable, ended, bytes };
}

function throughStream(
  length: number | undefined,
  count: ((chunk: Uint8Array) => void) | undefined,
): TransformStream<Uint8Array, Uint8Array> {
  if (length !== undefined) return new FixedLengthStream(length);
  if (count === undefined) return new IdentityTransformStream();
  return new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      count(chunk);
      controller.enqueue(chunk);
    },
  });
}
