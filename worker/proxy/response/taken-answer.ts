/**
 * An answer of known length that is taken off its origin whole, as fast as the origin gives it; then the origin is done with it, and the client
 * reads it from Weir's memory at its own pace (nginx's `proxy_buffering`). By one call to the runtime, which costs less
 * than to read by pieces; and the memory is given back when the client has read it all, which only a stream of ours can tell. A bare proxy on workerd
 * spends on this as much as on a pipe; Weir more, as each body is garbage of its size for V8. So it is done only where and while
 * slots are dear (`areSlotsFew`, `isCrowded`).
 *
 * An answer that has not come within 50 ms of its head goes on as it is read, whole when it is whole; from then on its origin's answers are streamed for
 * a while, so that clients see them grow. Answers that are to be seen as they grow say so (`X-Accel-Buffering: no`, as for nginx), or have
 * no length.
 */
import { BufferSpace, type SpacePart } from "../../../core/buffering/buffer-space.ts";
import type { SendPace } from "../../../core/connections/send-pace.ts";
import type { AnswerEnd } from "../../../core/health/judgement.ts";
import type { OriginConfig } from "../../config/sections/origin.ts";
import { sleep } from "../../objects/request-io.ts";
import { LateBodies } from "./late-bodies.ts";
import { sendPaced } from "./send-paced.ts";
import { patienceMs, type ShortTerms } from "./short-body.ts";

/** For the answers of all requests of the isolate together. */
const memory = new BufferSpace(33_554_432);

/** Which origins' answers come late. */
export const lateAnswers = new LateBodies();

/** An origin of so many slots at most has a worker for each, as a rule; one with more is not kept busy by slow clients. */
const fewSlots = 1_000;

/** Whether a slot of the origin's is dear: what a slow client costs is worth CPU time of Weir's there. */
export const areSlotsFew = (origin: Pick<OriginConfig, "maxConns"> | undefined): boolean =>
  (origin?.maxConns ?? Infinity) <= fewSlots;

/**
 * Whether a slow client's slot would be missed: a quarter of the origin's slots are in use, as far as the isolate knows. Below that an answer
 * goes through a pipe, which costs less.
 */
export const isCrowded = (open: number, { maxConns = Infinity }: Pick<OriginConfig, "maxConns">): boolean =>
  4 * open >= maxConns;

/** What is asked of an answer, to know whether it is taken. */
export interface TakenTerms {
  readonly length: number;
  readonly status: number;
  /** The most that is taken: `buffer.response`. */
  readonly atMost: number;
  readonly client: string;
  readonly now: number;
}

/** Memory for the answer; `undefined`: it is not one to be taken, or there is no memory left for this client's answers. */
export function memoryFor(
  headers: Headers,
  { length, status, atMost, client, now }: TakenTerms,
): SpacePart | undefined {
  // Parts of a file are asked for by players, which stop in the middle.
  if (length > atMost || status === 206) return undefined;
  if (headers.get("X-Accel-Buffering")?.toLowerCase() === "no") return undefined;
  if (headers.get("Content-Type")?.startsWith("text/event-stream") === true) return undefined;
  return memory.open(client, length, now);
}

export interface TakenAnswer {
  readonly body: ReadableStream;
  /** How the origin's body ended; never rejects. Absent: it is all there. */
  readonly ended: Promise<AnswerEnd> | undefined;
  /** Settles when the client has read it, or has gone; never rejects. */
  readonly read: Promise<void>;
}

/**
 * Takes the answer's body into this memory, which is given back when the client has read it. Never rejects.
 * @param pace how fast the client gets it; absent: as fast as it reads.
 */
export function takeAnswer(
  response: Response,
  part: SpacePart,
  terms: ShortTerms,
  pace?: SendPace,
): Promise<TakenAnswer> {
  const { length, alarm, now } = terms;
  const { readable, writable } = new FixedLengthStream(length);
  const writer = writable.getWriter();
  const taking = response.arrayBuffer();
  return new Promise((resolve) => {
    const settle = (ended: Promise<AnswerEnd> | undefined): void => {
      alarm.clear();
      resolve({ body: readable, ended, read });
    };
    const read = taking
      .then(
        (bytes) => {
          settle(undefined);
          return pour(new Uint8Array(bytes), writer, pace);
        },
        (error: unknown) => {
          writer.abort(error).catch(() => undefined);
          settle(endOf(taking, terms));
        },
      )
      .finally(() => memory.giveBack(part));
    alarm.set(patienceMs, () => settle(endOf(taking, terms)), now);
  });
}

/** Resolves when the client has read all of it, or has gone. */
async function pour(
  bytes: Uint8Array,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  pace: SendPace | undefined,
): Promise<void> {
  try {
    const write = (part: Uint8Array): Promise<void> => writer.write(part);
    if (pace !== undefined) await sendPaced(bytes, pace, { write, pause: sleep });
    // If it is not taken, the end is not either.
    else write(bytes).catch(() => undefined);
    await writer.close();
  } catch {
    // The client has gone.
  }
}

/** How an origin's late body ends. If the client goes before it is there, the origin is let go. */
async function endOf(taking: Promise<ArrayBuffer>, { clientSignal, abort }: ShortTerms): Promise<AnswerEnd> {
  const signal = clientSignal();
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    await taking;
    return "complete";
  } catch {
    return signal.aborted ? "client-gone" : "cut-by-origin";
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
