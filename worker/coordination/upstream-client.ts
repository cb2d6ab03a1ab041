/**
 * This isolate's line to one upstream's object: strict mode, one exchange per request. Completions ride on the
 * next exchange; when none comes, one message says them after a few milliseconds.
 *
 * Requests of an isolate share only the table of open slots, which is plain data: on workerd a promise that
 * another request must resolve hangs, and a stub that another request made throws. So every call here takes
 * the request's own bindings, and waits on its own timers.
 */
import type { ExchangeMessage, ExchangeReply, Outcome, Pick, Want } from "../../core/leases/exchange.ts";
import { Holdings, type Slot } from "../../core/leases/holdings.ts";
import type { Millis } from "../../core/upstream.ts";
import type { ExchangeResult, UpstreamState } from "../../durable-objects/upstream-state.ts";
import { Alarm } from "../alarm.ts";
import type { ActiveUpstream } from "../config/active.ts";
import type { Env } from "../env.ts";
import { logEvent } from "../transport/log-event.ts";

/** How long a request waits for its pick. */
const askDeadlineMs: Millis = 5_000;

/** How long completions wait for an exchange to ride on. */
const flushAfterMs: Millis = 5;

/** A request that has promised a flush waits no longer than this for a pause in the traffic. */
const flushWithinMs: Millis = 1_000;

/** A flush that is lost is tried once more, after a while: an object in trouble must not be hit harder. */
const flushTries = 2;
const flushAgainAfterMs: Millis = 1_000;

export type Answer =
  | { readonly kind: "granted"; readonly pick: Extract<Pick, { kind: "granted" }>; readonly slot: Slot }
  | Exclude<Pick, { kind: "granted" | "withdrawn" }>
  /** The object did not answer, or not in time. */
  | { readonly kind: "lost" };

export class UpstreamClient {
  readonly #upstream: ActiveUpstream;
  readonly #holdings: Holdings;
  /** A flush is on its way, promised for this time. Not a flag: the request that promised it may have died. */
  #flushAtMs: Millis = 0;

  constructor(upstream: ActiveUpstream, holder: string) {
    this.#upstream = upstream;
    this.#holdings = new Holdings(holder);
  }

  /** Asks for an origin and a slot on it. The slot is the caller's until it closes it. */
  async ask(env: Env, want: Want, alarm: Alarm): Promise<Answer> {
    const sentMs = Date.now();
    const { section, config } = this.#upstream;
    const untilMs = sentMs + askDeadlineMs;
    const message = this.#holdings.message(section.version, sentMs, { want, untilMs });
    const reply = await this.#send(env, message, alarm);
    const pick = reply?.pick;
    if (
      pick?.kind === "unavailable" &&
      message.epoch > 0 &&
      reply !== undefined &&
      reply.epoch > message.epoch
    ) {
      // The object has just lost its memory, and counted against us what we may have had. Now it can be told.
      this.#holdings.giveUp(message.seq);
      return this.ask(env, want, alarm);
    }
    if (pick === undefined || pick.kind === "withdrawn") {
      this.#holdings.giveUp(message.seq);
      return { kind: "lost" };
    }
    if (pick.kind !== "granted") {
      this.#holdings.giveUp(message.seq);
      return pick;
    }
    const slot = this.#holdings.take(message.seq, pick.origin, sentMs + config.timeouts.totalMs);
    return slot === undefined ? { kind: "lost" } : { kind: "granted", pick, slot };
  }

  /** Says how an attempt ended; the object hears of it with the next message. */
  observe(outcome: Outcome): void {
    this.#holdings.observe(outcome);
  }

  /** The request is done with its slot. Follow it by `flush`. */
  close(slot: Slot): void {
    this.#holdings.close(slot);
  }

  /**
   * The request goes on beyond its headers, or sends a long body: its slot is kept, and has to be renewed within
   * the returned time, before the object gives it to somebody else.
   */
  keep(slot: Slot): Millis {
    const now = Date.now();
    const leftMs = slot.untilMs - now;
    this.#holdings.keep(slot, now + this.#upstream.config.timeouts.maxHoldMs);
    return Math.max(0, Math.min(this.renewEveryMs, leftMs / 2));
  }

  /** How often a slot that is kept is to be renewed. */
  get renewEveryMs(): Millis {
    const { maxHoldMs, totalMs } = this.#upstream.config.timeouts;
    return Math.min(maxHoldMs, totalMs) / 3;
  }

  /** Keeps a slot whose body goes on, and tells the object. */
  async renew(env: Env, slot: Slot): Promise<void> {
    this.#holdings.extend(slot, Date.now() + this.#upstream.config.timeouts.maxHoldMs);
    await this.flush(env);
  }

  /** Sees to it that what has changed reaches the object soon: work for `waitUntil`, or `undefined` if there is none. */
  flush(env: Env): Promise<void> | undefined {
    const now = Date.now();
    if (!this.#holdings.hasUnsaid || this.#flushAtMs + flushAfterMs > now) return undefined;
    this.#flushAtMs = now + flushAfterMs;
    return this.#flushLater(env);
  }

  async #flushLater(env: Env): Promise<void> {
    const startedMs = Date.now();
    let messages: number;
    do {
      messages = this.#holdings.messages;
      this.#flushAtMs = Date.now() + flushAfterMs;
      await sleep(flushAfterMs);
      // While exchanges come and go, completions ride on them.
    } while (this.#holdings.messages !== messages && Date.now() - startedMs < flushWithinMs);
    this.#flushAtMs = 0;
    for (let tries = 0; this.#holdings.hasUnsaid && tries < flushTries; tries++) {
      const alarm = new Alarm();
      const message = this.#holdings.message(this.#upstream.section.version, Date.now());
      const reply = await this.#send(env, message, alarm);
      alarm.stop();
      if (reply === undefined) await sleep(flushAgainAfterMs);
    }
  }

  /** One message, within the deadline. What is not answered will be said again. */
  async #send(env: Env, message: ExchangeMessage, alarm: Alarm): Promise<ExchangeReply | undefined> {
    try {
      // Not `Promise.race`, which costs twice as much.
      const reply = await new Promise<ExchangeReply>((resolve, reject) => {
        alarm.set(askDeadlineMs, () => reject(new Error(`no answer in ${askDeadlineMs} ms`)));
        this.#exchange(env, message).then(resolve, reject);
      });
      this.#holdings.hear(reply);
      return reply;
    } catch (error) {
      this.#holdings.lost();
      logEvent({ event: "exchange-lost", upstream: this.#upstream.config.name, detail: String(error) });
      return undefined;
    } finally {
      alarm.clear();
    }
  }

  async #exchange(env: Env, message: ExchangeMessage): Promise<ExchangeReply> {
    const json = JSON.stringify(message);
    const first: ExchangeResult = JSON.parse(await this.#stub(env).exchange(json));
    if (first.kind === "reply") return first.reply;
    const second: ExchangeResult = JSON.parse(await this.#stub(env).exchange(json, this.#upstream.section));
    if (second.kind === "reply") return second.reply;
    throw new Error("the object refused this configuration");
  }

  #stub(env: Env): DurableObjectStub<UpstreamState> {
    return upstreamStub(env, this.#upstream);
  }
}

/** The upstream's object. Every `get` says where it lives: objects do not move after they are created. */
export function upstreamStub(env: Env, { config }: ActiveUpstream): DurableObjectStub<UpstreamState> {
  const { name, location } = config;
  return env.UPSTREAM_STATE.getByName(name, location === undefined ? {} : { locationHint: location });
}

function sleep(forMs: Millis): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forMs));
}
