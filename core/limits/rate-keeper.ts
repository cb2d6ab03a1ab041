/**
 * The object's side of rate limits: which requests of a key conform, for all isolates. It keeps one number a key (`gcra.ts`), in a table of
 * fixed size.
 *
 * A key of which more is asked than it may have is asked about by many isolates at the same moment, when its next request conforms: one of
 * them gets it, and the others have asked for nothing. So whoever leaves a key exhausted is told a turn of its own to come back at.
 */
import type { Millis } from "../model/upstream.ts";
import { aheadMs, type RateAsk, type RateReply } from "../protocol/rate-limits.ts";
import { conformingNow, judgeOne, type RequestRate } from "./gcra.ts";
import { KeyTable, type KeyHash } from "./key-table.ts";
import { Recent } from "./recent.ts";

/** How many keys an object knows at most: 8 MiB. */
export const mostKeys = 2 ** 19;

/** How many exhausted keys have turns at most. */
const mostTurns = 4_096;
/** A turn is at most so much later than the next request of the key: an isolate that was given one before may not come. */
const longestTurnMs: Millis = 200;

/** An object that has been idle for so long may lose its memory (Cloudflare: 10 s): what lasts longer than half of that is to be stored. */
const storedFromMs: Millis = 5_000;

/** A key's state that must outlive the object's memory. */
export interface KeyState {
  readonly key: KeyHash;
  readonly fullAtMs: Millis;
}

export class RateKeeper {
  readonly #times: KeyTable;
  readonly #turns = new Recent<Millis>(mostTurns);
  /** Changed since `takeUnstored`. */
  #unstored = new Map<string, KeyState>();

  constructor(now: Millis, keys = mostKeys) {
    this.#times = new KeyTable(keys, now);
  }

  /** The memory of the table. */
  get bytes(): number {
    return this.#times.bytes;
  }

  /** Whether there is something to store. */
  get hasUnstored(): boolean {
    return this.#unstored.size > 0;
  }

  /** A state that was stored before: what is known already stands, if it is later. */
  restore({ key, fullAtMs }: KeyState): void {
    if (fullAtMs > this.#times.get(key)) this.#times.set(key, fullAtMs);
  }

  /** The states to be stored, once each. */
  takeUnstored(): KeyState[] {
    const taken = [...this.#unstored.values()];
    this.#unstored = new Map();
    return taken;
  }

  /** All states that must outlive the object's memory. */
  *lasting(now: Millis): Generator<KeyState> {
    for (const [key, fullAtMs] of this.#times.after(now + storedFromMs)) yield { key, fullAtMs };
  }

  answer(ask: RateAsk, now: Millis): RateReply {
    const key = { high: ask.key[0], low: ask.key[1] };
    const fullAtMs = this.#times.get(key);
    return ask.isLeased ? this.#lend(ask, key, fullAtMs, now) : this.#decide(ask, key, fullAtMs, now);
  }

  #decide(ask: RateAsk, key: KeyHash, knownMs: Millis, now: Millis): RateReply {
    const verdict = judgeOne(knownMs, now, ask, ask.delayMs);
    if (ask.want > 0 && verdict.kind === "conforms") {
      const { waitMs, fullAtMs } = verdict;
      this.#keep(key, fullAtMs, now);
      return { granted: 1, ...(waitMs > 0 && { waitMs }), ...this.#outlook(ask, key, fullAtMs, now) };
    }
    return { granted: 0, ...this.#outlook(ask, key, knownMs, now) };
  }

  #lend({ want, ...rate }: RateAsk, key: KeyHash, knownMs: Millis, now: Millis): RateReply {
    const granted = Math.min(want, conformingNow(knownMs, now, rate, aheadMs));
    const fullAtMs = Math.max(knownMs, now) + granted * rate.intervalMs;
    if (granted > 0) this.#keep(key, fullAtMs, now);
    const nextInMs = fullAtMs - now - aheadMs - (rate.burst - 1) * rate.intervalMs;
    const againInMs = Math.max(0, nextInMs);
    return { granted, fullInMs: Math.max(0, fullAtMs - now), againInMs };
  }

  #keep(key: KeyHash, fullAtMs: Millis, now: Millis): void {
    this.#times.set(key, fullAtMs);
    if (fullAtMs > now + storedFromMs) this.#unstored.set(`${key.high} ${key.low}`, { key, fullAtMs });
  }

  /** What an isolate is told of a key beside its grant. */
  #outlook(
    { delayMs = 0, ...rate }: RequestRate & { readonly delayMs?: Millis | undefined },
    key: KeyHash,
    fullAtMs: Millis,
    now: Millis,
  ): Pick<RateReply, "fullInMs" | "againInMs"> {
    const fullInMs = Math.max(0, fullAtMs - now);
    const next = judgeOne(fullAtMs, now, rate, delayMs);
    if (next.kind === "conforms") return { fullInMs, againInMs: 0 };
    const name = `${key.high} ${key.low}`;
    const dueMs = now + next.againInMs;
    const turnMs = Math.max(dueMs, (this.#turns.get(name) ?? -Infinity) + rate.intervalMs);
    const atMs = Math.min(turnMs, dueMs + longestTurnMs);
    this.#turns.set(name, atMs);
    return { fullInMs, againInMs: atMs - now };
  }
}
