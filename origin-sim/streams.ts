/**
 * Bodies of endless or chosen length: bytes that can be checked, and streams that take their time.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../core/model/random.ts";

/**
 * The pattern that all content repeats. Its length is a prime below the size of a chunk, so that a chunk lost,
 * doubled or moved is seen.
 */
const pattern = patternOf(65_521);

/** The first `length` bytes of the content that every origin serves, in chunks of at most 64 KiB. */
export function* contentChunks(length: number): Generator<Uint8Array> {
  for (let left = length; left > 0; left -= pattern.length) {
    yield pattern.subarray(0, Math.min(left, pattern.length));
  }
}

/** `count` chunks made by `chunk`, one every `ms` milliseconds, the first at once; ends early when `closed` is aborted. */
export async function* paced(
  count: number,
  ms: number,
  chunk: (index: number) => string,
  closed: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) {
    if (index > 0) await sleep(ms, undefined, { signal: closed }).catch(() => undefined);
    if (closed.aborted) return;
    yield Buffer.from(chunk(index));
  }
}

function patternOf(length: number): Uint8Array {
  const random = seededRandom(length);
  return Uint8Array.from({ length }, () => Math.floor(random.next() * 256));
}
