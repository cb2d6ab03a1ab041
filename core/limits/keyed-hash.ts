/**
 * HalfSipHash-2-4 with an output of 64 bits (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, and its variant for words of 32
 * bits). Keys of limits are made of what clients send. By a hash without a secret a client could find a header that has the hash of another
 * client's, and use up that one's limit; by this one it has to guess.
 */
import type { KeyHash } from "./key-table.ts";

/** The secret: two numbers of 32 bits, the same in all isolates. */
export interface HashSeed {
  readonly first: number;
  readonly second: number;
}

/** Hashes the text by its UTF-16 units, in time linear in its length. */
export function keyedHash(text: string, { first, second }: HashSeed): KeyHash {
  const state: SipState = [first, second ^ 0xee, first ^ 0x6c796765, second ^ 0x74656462];
  const pairs = text.length >> 1;
  for (let pair = 0; pair < pairs; pair++)
    absorb(state, text.charCodeAt(2 * pair) | (text.charCodeAt(2 * pair + 1) << 16));
  // The last word has the length, so that no text is the beginning of another one.
  const rest = text.length & 1 ? text.charCodeAt(text.length - 1) : 0;
  absorb(state, rest | ((text.length & 0xffff) << 16));
  state[2] ^= 0xee;
  for (let round = 0; round < 4; round++) mix(state);
  const high = (state[1] ^ state[3]) >>> 0;
  state[1] ^= 0xdd;
  for (let round = 0; round < 4; round++) mix(state);
  return { high, low: (state[1] ^ state[3]) >>> 0 };
}

type SipState = [v0: number, v1: number, v2: number, v3: number];

function absorb(state: SipState, word: number): void {
  state[3] ^= word;
  mix(state);
  mix(state);
  state[0] ^= word;
}

/** One round of SipHash for words of 32 bits. */
function mix(state: SipState): void {
  let [v0, v1, v2, v3] = state;
  v0 = (v0 + v1) | 0;
  v1 = rotate(v1, 5) ^ v0;
  v0 = rotate(v0, 16);
  v2 = (v2 + v3) | 0;
  v3 = rotate(v3, 8) ^ v2;
  v0 = (v0 + v3) | 0;
  v3 = rotate(v3, 7) ^ v0;
  v2 = (v2 + v1) | 0;
  v1 = rotate(v1, 13) ^ v2;
  v2 = rotate(v2, 16);
  state[0] = v0;
  state[1] = v1;
  state[2] = v2;
  state[3] = v3;
}

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
