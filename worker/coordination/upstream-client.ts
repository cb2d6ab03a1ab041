/**
 * This isolate's line to one upstream's object: it carries the messages that `core/leases/leaseholder.ts` writes. What
 * finished rides on the next exchange; when none comes, one message says it after a few milliseconds, or, under a lease,
 * with the exchange that renews that.
 *
 * Requests of an isolate share only plain data: on workerd a promise that another request must resolve hangs, a stub that
 * another request made throws, and a timer outside a request never ticks. So every call here takes the request's
 * own bindings, waits on its own timers, and what has to be done later is promised to the request's `waitUntil`.
 */
import type { ExchangeReply, Outcome, Want } from "../../core/leases/exchange.ts";
import type { Slot } from "../../core/leases/holdings.ts";
import { Leaseholder, type Answer, type Letter } from "../../core/leases/leaseholder.ts";
import type { Millis } from "../../core/upstream.ts";
import { Alarm } from "../alarm.ts";
import type { ActiveUpstream } from "../config/active.ts";
import type { LocationHint } from "../config/config.ts";
import type { Env } from "../env.ts";
import { logEvent } from "../transport/log-event.ts";
import { exchange } from "./exchange.ts";

/** What a request lends to the line. */
export interface RequestIo {
  readonly env: Env;
  readonly waitUntil: (work: Promise<unknown>) => void;
  readonly alarm: Alarm;
}

/** How long completions wait for an exchange to ride on. */
const flushAfterMs: Millis = 5;

/** A request that has promised a flush waits no longer than this for a pause in the traffic. */
const flushWithinMs: Millis = 1_000;

/** So long a message is tried again when it is lost: the platform lets work after a response go on for 30 s. */
const flushTriesMs: Millis = 25_000;

const chance = { next: (): number => Math.random() };

export class UpstreamClient {
  readonly #upstream: ActiveUpstream;
  readonly #region: LocationHint | undefined;
  readonly #holder: Leaseholder;
  /** A flush is on its way, promised for this time. Not a flag: the request that promised it may have died. */
  #flushAtMs: Millis = 0;
  /** When the lease is to be renewed next. */
  #renewAtMs: Millis = 0;
  /** Whose turn it is to renew it, and until when that request can be relied on. */
  #keeper = 0;
  #keptUntilMs: Millis = 0;

  /** `region`: where the object is that is asked; `undefined`: the upstream's own. */
  constructor(upstream: ActiveUpstream, holder: string, region?: LocationHint) {
    this.#upstream = upstream;
    this.#region = region;
    this.#holder = new Leaseholder(upstream.config, holder, chance);
  }

  /** An origin and a slot on it. The slot is the caller's until it closes it. */
  async pick(want: Want, { env, waitUntil, alarm }: RequestIo): Promise<Answer> {
    const now = Date.now();
    const holder = this.#holder;
    const own = holder.pick(want, now);
    if (own.kind === "ask") return this.#ask(want, env, alarm);
    if (!holder.isReached) {
      if (holder.isProbeDue(now)) waitUntil(this.#sendAlone(env));
    } else if (holder.terms.isLeased) {
      const isDue = now >= this.#renewAtMs;
      // What is started is to be told soon, also if nothing ends for long.
      if (isDue || now >= this.#keptUntilMs) waitUntil(this.#keepLease(env, isDue));
    }
    return own;
  }

  /** Says how an attempt ended; the object hears of it with the next message. */
  observe(outcome: Outcome): void {
    this.#holder.observe(outcome, Date.now());
  }

  /** The request is done with its slot. Follow it by `flush`. */
  close(slot: Slot): void {
    this.#holder.close(slot, Date.now());
  }

  /**
   * The request goes on beyond its headers, or sends a long body: its slot is kept, and has to be renewed within
   * the returned time, before the object gives it to somebody else.
   */
  keep(slot: Slot): Millis {
    const now = Date.now();
    const leftMs = slot.untilMs - now;
    this.#holder.keep(slot, now);
    return Math.max(0, Math.min(this.#renewEveryMs, leftMs / 2));
  }

  /** When a slot that is kept is to be renewed, or looked after, again. */
  renewInMs(slot: Slot): Millis {
    return Math.max(0, Math.min(this.#renewEveryMs, this.#holder.mayGoOnUntilMs(slot) - Date.now()));
  }

  /** Keeps a slot whose body goes on, and tells the object. */
  async renew(env: Env, slot: Slot): Promise<void> {
    this.#holder.extend(slot, Date.now());
    await this.flush(env);
  }

  /** Whether the request may go on; if not, it is to be cut (`onCoordinatorLoss: "refuse"`). */
  mayGoOn(slot: Slot): boolean {
    return this.#holder.mayGoOnUntilMs(slot) > Date.now();
  }

  get #renewEveryMs(): Millis {
    const { maxHoldMs, totalMs } = this.#upstream.config.timeouts;
    return Math.min(maxHoldMs, totalMs) / 3;
  }

  /** Sees to it that what has changed reaches the object soon: work for `waitUntil`, or `undefined` if there is none. */
  flush(env: Env): Promise<void> | undefined {
    if (!this.#holder.hasUnsaid) return undefined;
    const now = Date.now();
    if (this.#holder.terms.isLeased && this.#holder.isReached) {
      return this.#holder.hasFallen ? this.#sendAlone(env) : this.#keepUnlessKept(env);
    }
    if (this.#flushAtMs + flushAfterMs > now) return undefined;
    this.#flushAtMs = now + flushAfterMs;
    return this.#flushLater(env);
  }

  async #ask(want: Want, env: Env, alarm: Alarm): Promise<Answer> {
    for (;;) {
      const answer = await this.#send(env, alarm, { want });
      if (answer?.kind !== "ask") return answer ?? { kind: "lost" };
    }
  }

  #keepUnlessKept(env: Env): Promise<void> | undefined {
    return this.#keptUntilMs > Date.now() ? undefined : this.#keepLease(env, false);
  }

  /**
   * Renews the lease every so often, until a younger request takes over: the platform lets none go on for long. When
   * nothing was started for a while it gives the lease back: an isolate without traffic has no time to do it later.
   */
  async #keepLease(env: Env, isDue: boolean): Promise<void> {
    const turn = ++this.#keeper;
    const holder = this.#holder;
    this.#renewAtMs = Date.now() + holder.terms.everyMs;
    if (isDue) await this.#sendAlone(env);
    while (this.#keeper === turn && holder.terms.isLeased && holder.isReached) {
      const { started, messages } = holder;
      // A little longer, so that a request that comes in time takes over.
      const pauseMs = 1.2 * holder.terms.everyMs;
      this.#keptUntilMs = Date.now() + pauseMs + this.#upstream.config.timeouts.exchangeMs;
      await sleep(pauseMs);
      if (this.#keeper !== turn || !holder.isReached) break;
      const quiet = holder.started === started;
      if (quiet || holder.messages === messages) await this.#sendAlone(env, { quiet });
    }
    if (this.#keeper !== turn) return;
    // The lease is given back, or the object is lost: what others have left to this request is still to be said.
    this.#keptUntilMs = 0;
    await this.flush(env);
  }

  async #flushLater(env: Env): Promise<void> {
    const holder = this.#holder;
    const startedMs = Date.now();
    let messages: number;
    do {
      messages = holder.messages;
      this.#flushAtMs = Date.now() + flushAfterMs;
      await sleep(flushAfterMs);
      // While exchanges come and go, completions ride on them.
    } while (holder.messages !== messages && Date.now() - startedMs < flushWithinMs);
    this.#flushAtMs = 0;
    while (holder.hasUnsaid && Date.now() - startedMs < flushTriesMs) {
      if (holder.isReached || holder.isProbeDue(Date.now())) {
        await this.#sendAlone(env);
        continue;
      }
      this.#flushAtMs = Date.now() + flushWithinMs;
      await sleep(flushWithinMs);
    }
    // What was said may have brought a lease, which somebody has to give back.
    if (holder.terms.isLeased && holder.isReached) await this.#keepUnlessKept(env);
  }

  /** A message that is no request's own. */
  async #sendAlone(env: Env, facts: { quiet?: boolean } = {}): Promise<void> {
    const alarm = new Alarm();
    await this.#send(env, alarm, facts);
    alarm.stop();
  }

  /** One message, and what became of its ask; `undefined` if it did not ask. */
  async #send(
    env: Env,
    alarm: Alarm,
    facts: { want?: Want; quiet?: boolean },
  ): Promise<Answer | { readonly kind: "ask" } | undefined> {
    const { config, section } = this.#upstream;
    const letter = this.#holder.write(section.version, Date.now(), facts);
    try {
      const reply = await this.#carry(env, alarm, letter);
      this.#renewAtMs = Math.max(this.#renewAtMs, letter.sentMs + (reply.everyMs ?? 0));
      return this.#holder.answered(reply, letter, Date.now());
    } catch (error) {
      logEvent({ event: "exchange-lost", upstream: config.name, detail: String(error) });
      return this.#holder.lost(letter, Date.now());
    } finally {
      alarm.clear();
    }
  }

  /** Not `Promise.race`, which costs twice as much. */
  #carry(env: Env, alarm: Alarm, letter: Letter): Promise<ExchangeReply> {
    const { exchangeMs } = this.#upstream.config.timeouts;
    return new Promise((resolve, reject) => {
      alarm.set(exchangeMs, () => reject(new Error(`no answer in ${exchangeMs} ms`)));
      this.#exchange(env, letter).then(resolve, reject);
    });
  }

  /** What the answer says is taken in also when it comes too late for its request: it is still true. */
  async #exchange(env: Env, letter: Letter): Promise<ExchangeReply> {
    const reply = await exchange(env, { upstream: this.#upstream, region: this.#region }, letter.message);
    this.#holder.hear(reply, letter);
    return reply;
  }
}

function sleep(forMs: Millis): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forMs));
}
