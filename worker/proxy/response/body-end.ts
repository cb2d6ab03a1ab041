/**
 * When a response is over. A small one of known length is over with its headers, since by then the origin has handed it over, unless
 * that is in doubt (`late-bodies.ts`): then it is read whole. Any other is over when its body ends, however it ends.
 *
 * To see that end the body has to pass through a stream of ours. A native pipe costs least: about a fifth of the
 * throughput at 64 KiB. But it says nothing of a client that does not read, and sends as fast as it can, so where that matters the body is copied in JavaScript
 * (`paced-copy.ts`). In a pipe no byte enters JavaScript, a
 * `FixedLengthStream` keeps the Content-Length, and an origin's cut stays a cut for the client. The bytes stay as they
 * are if the fetch said `encodeResponseBody: "manual"` (`worker/transport/` does) and the client's Response says
 * `encodeBody: "manual"`.
 *
 * A body that is read in JavaScript anyway (`isScripted`: it came on a connection of its own) is copied here instead. The runtime's
 * pipe notices the end of a client only between two pieces of such a body, and so may never; a copy ends at once.
 */

import type { PaceLimits } from "../../../core/connections/client-pace.ts";
import type { SendPace } from "../../../core/connections/send-pace.ts";
import type { AnswerEnd } from "../../../core/health/judgement.ts";
import { contentLength, shortBytes } from "../../transport/content-length.ts";
import { ClientStalled, copyBody } from "./paced-copy.ts";

export interface TrackedBody {
  readonly body: ReadableStream | null;
  /** How the body ended; never rejects. Absent: it was complete at its headers. */
  readonly ended: Promise<AnswerEnd> | undefined;
  /** How long it is, if it says so; else, where it is weighed, what has gone through so far. */
  readonly bytes: () => number;
}

export interface BodyTerms {
  /** Its bytes are paid for, so that one of unknown length is read in JavaScript and counted. */
  readonly isWeighed?: boolean;
  /** It is read in JavaScript anyway. */
  readonly isScripted?: boolean;
  /** How slow its client may be; absent: nothing is known of that. */
  readonly limits?: PaceLimits | undefined;
  /** How fast it is sent; absent: as fast as its client takes it. */
  readonly pace?: SendPace | undefined;
  /** The client's copy ends when this has settled, which is told of the end of the origin's. */
  readonly hold?: ((ended: Promise<AnswerEnd>) => Promise<void>) | undefined;
}

/**
 * The response's body, watched. `clientSignal` gives the client request's signal: it ends a body that the client no
 * longer waits for, and alone tells whose end broke, since workerd reports both in the same words.
 */
export function trackBodyEnd(
  response: Response,
  clientSignal: () => AbortSignal,
  { isWeighed = false, isScripted = false, limits, pace, hold }: BodyTerms = {},
): TrackedBody {
  const { body } = response;
  if (body === null) return { body, ended: undefined, bytes: () => 0 };
  const length = contentLength(response.headers);
  let seen = 0;
  const bytes = (): number => length ?? seen;
  if (length !== undefined && length <= shortBytes && hold === undefined && pace === undefined)
    return { body, ended: undefined, bytes };
  const count = (chunk: Uint8Array): void => void (seen += chunk.byteLength);
  const through = length === undefined ? new IdentityTransformStream() : new FixedLengthStream(length);
  const signal = clientSignal();
  const isCopied = isScripted || limits !== undefined || pace !== undefined;
  const passed =
    isCopied || (isWeighed && length === undefined)
      ? copyBody(body, through.writable, {
          signal,
          limits,
          pace,
          count,
          isEnded: hold === undefined,
          isScripted,
        })
      : body.pipeTo(through.writable, { signal, preventClose: hold !== undefined });
  const ended = passed.then(
    () => "complete" as const,
    (error: unknown) => brokenBy(error, signal),
  );
  if (hold !== undefined) void endWhen(hold(ended), passed, through.writable);
  return { body: through.readable, ended, bytes };
}

function brokenBy(error: unknown, signal: AbortSignal): AnswerEnd {
  if (error instanceof ClientStalled) return "cut-by-weir";
  return signal.aborted ? "client-gone" : "cut-by-origin";
}

/** Ends the client's copy, unless it has broken. */
async function endWhen(
  letGo: Promise<void>,
  passed: Promise<void>,
  to: WritableStream<Uint8Array>,
): Promise<void> {
  try {
    await letGo;
    await passed;
    await to.close();
  } catch {
    // The client has gone, or the origin has cut it.
  }
}
