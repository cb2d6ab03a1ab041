/** One isolate and its upstream's object, with a network between them that works: what is asked is answered. */
import type { Coordinator } from "../../core/coordinator/coordinator.ts";
import type { Effects } from "../../core/coordinator/outbox.ts";
import { ExchangeSession } from "../../core/holder/exchange-session.ts";
import { OpenSlots, type Slot } from "../../core/holder/open-slots.ts";
import { seededRandom } from "../../core/model/random.ts";
import type { ExchangeMessage, ExchangeReply } from "../../core/protocol/exchange.ts";
import type { Outcome } from "../../core/protocol/outcome.ts";
import type { Pick as Answered, Want } from "../../core/protocol/pick.ts";

const version = { order: 1, hash: "a" };
const askForMs = 5_000;
const requestMs = 30_000;

export type Answer = Effects & { readonly reply: ExchangeReply };

export class OneHolder {
  readonly #coordinator: Coordinator;
  readonly #exchangeSession: ExchangeSession;
  readonly #open = new OpenSlots();
  readonly #random = seededRandom(7);
  readonly #slots: Slot[] = [];

  constructor(coordinator: Coordinator, name = "isolate-1") {
    this.#coordinator = coordinator;
    this.#exchangeSession = new ExchangeSession(name);
  }

  /** A request asks, and takes the slot it is granted. */
  ask(now: number, want: Partial<Want> = {}): { readonly pick: Answered | undefined } & Answer {
    const message = this.message(now, want);
    const answer = this.deliver(message, now);
    this.#exchangeSession.recordReply(answer.reply, { message, sentMs: now });
    const { pick } = answer.reply;
    if (pick?.kind === "granted") this.takeGrant(message, pick.origin, now);
    else this.#exchangeSession.giveUp(message.seq);
    return { pick, ...answer };
  }

  /** The origin that a request got; or why it got none. */
  askedFor(now: number, want: Partial<Want> = {}): string | undefined {
    const { pick } = this.ask(now, want);
    return pick?.kind === "granted" ? pick.origin : pick?.kind;
  }

  /** A request on the origin ends, and the object hears of it. */
  close(origin: string, now: number): Answer {
    const index = this.#slots.findIndex((slot) => slot.origin === origin);
    for (const slot of this.#slots.splice(index, index < 0 ? 0 : 1)) this.#open.close(slot, now);
    return this.deliver(this.#write(now), now);
  }

  /** The object hears how attempts ended. */
  report(now: number, outcomes: readonly Outcome[]): Answer {
    for (const outcome of outcomes) this.#exchangeSession.recordOutcome(outcome);
    const message = this.#write(now);
    const answer = this.deliver(message, now);
    this.#exchangeSession.recordReply(answer.reply, { message, sentMs: now });
    return answer;
  }

  /** A message that asks, not yet sent. */
  message(now: number, want: Partial<Want> = {}): ExchangeMessage {
    return this.#write(now, { tried: [], ...want });
  }

  /** The ask was granted a slot, in its answer or after it has waited, and takes it. */
  takeGrant({ seq }: Pick<ExchangeMessage, "seq">, origin: string, now: number): void {
    if (this.#exchangeSession.takeGrant(seq)) this.#slots.push(this.#open.open(origin, now + requestMs, now));
  }

  /** The holder no longer waits for the message's answer. */
  giveUp({ seq }: ExchangeMessage): void {
    this.#exchangeSession.giveUp(seq);
  }

  deliver(message: ExchangeMessage, now: number): Answer {
    return this.#coordinator.exchange(message, now, this.#random);
  }

  #write(now: number, want?: Want): ExchangeMessage {
    const declared = this.#open.declare(now, this.#exchangeSession.waiting);
    this.#exchangeSession.giveBack(this.#open.on);
    return this.#exchangeSession.write(declared, { config: version, untilMs: now + askForMs, want }, now);
  }
}
