/** States of keys as bytes, to be stored many in a row: three numbers of 8 bytes each. */
import type { Millis } from "../model/upstream.ts";
import type { KeyState } from "./rate-keeper.ts";

/** 1.2 MB: a row may have 2. */
export const mostInRow = 50_000;

const perState = 3;

/** @param states one at least. */
export function packStates(states: readonly KeyState[]): {
  readonly packed: ArrayBuffer;
  readonly overMs: Millis;
} {
  const numbers = new Float64Array(states.length * perState);
  let overMs = -Infinity;
  for (const [nth, { key, fullAtMs }] of states.entries()) {
    numbers.set([key.high, key.low, fullAtMs], nth * perState);
    overMs = Math.max(overMs, fullAtMs);
  }
  return { packed: numbers.buffer, overMs };
}

export function unpackStates(packed: ArrayBuffer): KeyState[] {
  const numbers = new Float64Array(packed);
  return Array.from({ length: Math.floor(numbers.length / perState) }, (_, nth) => {
    const [high = 0, low = 0, fullAtMs = 0] = numbers.subarray(nth * perState, (nth + 1) * perState);
    return { key: { high, low }, fullAtMs };
  });
}
