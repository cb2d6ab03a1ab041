/**
 * The state of many keys of rate limits, in memory of a fixed size: 16 bytes a key, whatever keys are made of. It is a set-associative
 * cache, as processors have them: a key has its place in one set of eight, and a new key takes the place whose time is soonest or past there.
 * So a look-up or a new key costs eight comparisons however full the table is: a flood of new keys costs as much as one of a single key,
 * and what it drives out are the keys that have used least, not those at their limit.
 */
import type { Millis } from "../model/upstream.ts";

/** What stands for a key: 64 bits of a keyed hash, as two whole numbers of 32 bits, 0 and above. */
export interface KeyHash {
  readonly high: number;
  readonly low: number;
}

const ways = 8;

export class KeyTable {
  readonly #setMask: number;
  readonly #hashes: Uint32Array;
  /** Since `#startMs`, as times since 1970 leave too few digits for what lies between two requests. 0: free. */
  readonly #times: Float64Array;
  readonly #startMs: Millis;

  /**
   * @param keys how many it has room for: a power of two, 8 or more. Where keys fall unevenly, some are forgotten before it is full.
   * @param now no time that is kept in it is before that.
   */
  constructor(keys: number, now: Millis) {
    this.#setMask = keys / ways - 1;
    // Memory of zeros that was never written takes none of the machine's.
    this.#hashes = new Uint32Array(2 * keys);
    this.#times = new Float64Array(keys);
    this.#startMs = now - 1;
  }

  /** The memory that it takes when it is full. */
  get bytes(): number {
    return this.#hashes.byteLength + this.#times.byteLength;
  }

  /** The key's time; in the past for a key that is not known. */
  get(key: KeyHash): Millis {
    const at = this.#find(key);
    return at === -1 ? -Infinity : this.#startMs + (this.#times[at] ?? 0);
  }

  /** Keeps the key's time, in the place of another key if the set is full. */
  set(key: KeyHash, timeMs: Millis): void {
    let at = this.#find(key);
    if (at === -1) {
      at = this.#soonest(key);
      this.#hashes[2 * at] = key.high;
      this.#hashes[2 * at + 1] = key.low;
    }
    this.#times[at] = timeMs - this.#startMs;
  }

  /** All keys whose time is later than that. */
  *after(ms: Millis): Generator<readonly [key: KeyHash, timeMs: Millis]> {
    const since = ms - this.#startMs;
    for (const [at, time] of this.#times.entries()) {
      if (time <= since || time <= 0) continue;
      const key = { high: this.#hashes[2 * at] ?? 0, low: this.#hashes[2 * at + 1] ?? 0 };
      yield [key, this.#startMs + time];
    }
  }

  #find({ high, low }: KeyHash): number {
    const from = this.#setOf(low);
    for (let at = from; at < from + ways; at++) {
      const isUsed = (this.#times[at] ?? 0) > 0;
      if (isUsed && this.#hashes[2 * at + 1] === low && this.#hashes[2 * at] === high) return at;
    }
    return -1;
  }

  #soonest({ low }: KeyHash): number {
    const from = this.#setOf(low);
    let soonest = from;
    for (let at = from + 1; at < from + ways; at++)
      if ((this.#times[at] ?? 0) < (this.#times[soonest] ?? 0)) soonest = at;
    return soonest;
  }

  #setOf(low: number): number {
    return (low & this.#setMask) * ways;
  }
}
