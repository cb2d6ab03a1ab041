/**
 * What an isolate has to tell the object besides its asks, and when: that requests are over, that its lease must be renewed, that it
 * does not need the lease any more; and whether the object is back. An isolate runs only while a request does, so each of these is a task
 * that some request runs: a list of steps, made as it goes, since other requests may have done the work meanwhile. The caller sends and
 * waits: the Worker with promises (`worker/objects/upstream-client.ts`), the simulator with events.
 *
 * A task sets no flag that it must take back, but uses times and turns: the request that runs it may die.
 */
import type { Millis } from "../model/upstream.ts";
import type { ExchangeReply } from "../protocol/exchange.ts";
import type { SentMessage } from "./exchange-session.ts";
import type { Leaseholder } from "./leaseholder.ts";

export type HolderStep =
  /** A message that asks for nothing, and its answer, or that there is none. */
  { readonly kind: "send"; readonly quiet: boolean } | { readonly kind: "wait"; readonly forMs: Millis };

/** Each step is done before the next is asked for; `now` is given with that. */
export type HolderTask = Generator<HolderStep, void, Millis>;

/** How long completions wait for an exchange to ride on. */
const flushAfterMs: Millis = 5;

/** A task that has promised to flush waits no longer than this for a pause in the traffic. */
const flushWithinMs: Millis = 1_000;

/** So long a message is tried again when it is lost: the platform lets work after a response go on for 30 s. */
const flushTriesMs: Millis = 25_000;

/** A keeper of the lease pauses a little longer than that has to be renewed, so that a request that comes in time takes over. */
const keeperPause = 1.2;

export class HolderTasks {
  readonly #holder: Leaseholder;
  readonly #exchangeMs: Millis;
  /** A flush is on its way, promised for this time. */
  #flushAtMs: Millis = 0;
  /** When the lease is to be renewed next. */
  #renewAtMs: Millis = 0;
  /** Whose turn it is to renew it, and until when that task can be relied on. */
  #keeper = 0;
  #keptUntilMs: Millis = 0;

  /** `exchangeMs`: how long an answer is waited for. */
  constructor(holder: Leaseholder, exchangeMs: Millis) {
    this.#holder = holder;
    this.#exchangeMs = exchangeMs;
  }

  /** An exchange was answered: the lease is as old as its message. */
  answered({ everyMs = 0 }: ExchangeReply, { sentMs }: SentMessage): void {
    this.#renewAtMs = Math.max(this.#renewAtMs, sentMs + everyMs);
  }

  /** After a pick that did not ask. */
  afterPick(now: Millis): HolderTask | undefined {
    const holder = this.#holder;
    if (!holder.isReached) return holder.isProbeDue(now) ? this.#probe() : this.#sayLater(now);
    if (!holder.isLeased) return undefined;
    const isDue = now >= this.#renewAtMs;
    // What is started is to be told soon, also if nothing ends for long.
    return isDue || now >= this.#keptUntilMs ? this.#keepLease(isDue, now) : undefined;
  }

  /** After something has changed that the object should hear of soon; `undefined` if another task does that. */
  flush(now: Millis): HolderTask | undefined {
    const holder = this.#holder;
    if (!holder.hasUnsaid) return undefined;
    if (holder.isLeased && holder.isReached) {
      if (holder.hasFallen) return this.#probe();
      return this.#keptUntilMs > now ? undefined : this.#keepLease(false, now);
    }
    return this.#sayLater(now);
  }

  /** `undefined` if a flush is under way already. */
  #sayLater(now: Millis): HolderTask | undefined {
    return this.#flushAtMs + flushAfterMs > now ? undefined : this.#flushLater(now);
  }

  /** The answer may be a new incarnation's, which counts all that this holder may have had until it is told what that is. */
  *#probe(): HolderTask {
    const now = yield { kind: "send", quiet: false };
    const rest = this.flush(now);
    if (rest !== undefined) yield* rest;
  }

  /**
   * Renews the lease every so often, until a younger request takes over: the platform lets none go on for long. When
   * nothing was started for a while it gives the lease back: an isolate without traffic has no time to do it later.
   */
  *#keepLease(isDue: boolean, startMs: Millis): HolderTask {
    const turn = ++this.#keeper;
    const holder = this.#holder;
    let now = startMs;
    this.#renewAtMs = now + holder.everyMs;
    if (isDue) now = yield { kind: "send", quiet: false };
    while (this.#keeper === turn && holder.isLeased && holder.isReached) {
      const { started, messages } = holder;
      const forMs = keeperPause * holder.everyMs;
      this.#keptUntilMs = now + forMs + this.#exchangeMs;
      now = yield { kind: "wait", forMs };
      if (this.#keeper !== turn || !holder.isReached) break;
      const quiet = holder.started === started;
      if (quiet || holder.messages === messages) now = yield { kind: "send", quiet };
    }
    if (this.#keeper !== turn) return;
    // The lease is given back, or the object is lost: what others have left to this task is still to be said.
    this.#keptUntilMs = 0;
    const rest = this.flush(now);
    if (rest !== undefined) yield* rest;
  }

  *#flushLater(startMs: Millis): HolderTask {
    const holder = this.#holder;
    let now = startMs;
    let messages: number;
    do {
      messages = holder.messages;
      this.#flushAtMs = now + flushAfterMs;
      now = yield { kind: "wait", forMs: flushAfterMs };
      // While exchanges come and go, completions ride on them.
    } while (holder.messages !== messages && now - startMs < flushWithinMs);
    this.#flushAtMs = 0;
    while (holder.hasUnsaid && now - startMs < flushTriesMs) {
      if (holder.isReached || holder.isProbeDue(now)) {
        now = yield { kind: "send", quiet: false };
        continue;
      }
      this.#flushAtMs = now + flushWithinMs;
      now = yield { kind: "wait", forMs: flushWithinMs };
    }
    // The answer may have brought a lease, and this task has to give it back.
    if (holder.isLeased && holder.isReached && this.#keptUntilMs <= now) {
      yield* this.#keepLease(false, now);
    }
  }
}
