/**
 * What an object does besides answering, and when. A region's object asks its root before it turns a request away, renews its
 * lease in good time, and gives it back when nothing needs it; every object forgets idle holders. As with an
 * isolate's tasks (`holder-tasks.ts`) each task is a list of steps, made as it goes; the Durable Object runs it with promises
 * (`durable-objects/weir-upstream.ts`), the simulator with events.
 *
 * An object has one memory, which lives as long as its tasks. So flags are enough, unlike in an isolate, and a task that
 * needs an exchange with the root while one is under way waits for that one.
 */
import type { Millis } from "../model/upstream.ts";
import type { RegionLink, Need } from "../region/region-link.ts";
import type { ExchangeReply } from "../protocol/exchange.ts";
import type { SentMessage } from "../holder/exchange-session.ts";
import { retireAfterMs } from "../ledger/slot-ledger.ts";
import type { Home } from "./home.ts";

export type ObjectStep =
  /** An exchange with the root: one message of the region's after the other, until `answered` or `recordLoss` says that it is over. */
  | { readonly kind: "exchange"; readonly need?: Need }
  /** Until the exchange that is under way is over. */
  | { readonly kind: "join" }
  | { readonly kind: "wait"; readonly forMs: Millis }
  /** `Coordinator.rest`. */
  | { readonly kind: "rest" };

/** Each step is done before the next is asked for; `now` is given with that. */
export type ObjectTask<Result = void> = Generator<ObjectStep, Result, Millis>;

/** After a message that was lost, the next one is sent when it is due, and no sooner than this. */
const againAfterMs: Millis = 250;

/** How often in one exchange a root that has lost its memory is told once more: one that loses it with every answer is lost. */
const retellings = 3;

/** A little longer than a holder must be idle, so that one look suffices; and before the platform takes the memory (10 s). */
export const restAfterMs: Millis = retireAfterMs + 1_000;

/** Whose tasks they are: a `Coordinator`. */
export interface Resting {
  /** A region's side of the root; absent: the object is the upstream's own. */
  readonly regionLink: RegionLink | undefined;
  /** With instances that may not be needed any more the object is to rest again soon, though no message comes. */
  readonly home: Pick<Home, "isScaledUp">;
}

export class ObjectTasks {
  readonly #object: Resting;
  readonly #regionLink: RegionLink | undefined;
  #isUnderWay = false;
  /** The root has answered the last exchange. */
  #isAnswered = false;
  #retold = 0;
  /** When the region's lease is to be renewed. */
  #dueMs: Millis = 0;
  #renewalPlanned = false;
  #heardMs: Millis = 0;
  #restPlanned = false;

  constructor(object: Resting) {
    this.#object = object;
    this.#regionLink = object.regionLink;
  }

  /**
   * Before a message is answered: what has to be done first, and whether it can be answered then; `undefined`: nothing.
   * @param isShort whether the region would have to turn the request away without a word from the root (`Coordinator.isShort`).
   */
  beforeAnswer(isShort: (now: Millis) => boolean, now: Millis): ObjectTask<boolean> | undefined {
    if (this.#regionLink === undefined || !isShort(now)) return undefined;
    return this.#askRoot(this.#regionLink, isShort, now);
  }

  /** A message is answered: what is to be done for it later, unless another task does that already. */
  afterAnswer(now: Millis): ObjectTask[] {
    this.#heardMs = now;
    const tasks: ObjectTask[] = [];
    if (!this.#restPlanned) tasks.push(this.#restWhenQuiet());
    this.#restPlanned = true;
    if (this.#regionLink === undefined || this.#renewalPlanned) return tasks;
    this.#renewalPlanned = true;
    return [...tasks, this.#renew(now)];
  }

  /** The root has answered; whether the exchange is over. If not, the root has lost its memory, and is to be told once more. */
  answered(reply: ExchangeReply, sent: SentMessage, now: Millis): boolean {
    this.#regionLink?.recordReply(reply, sent, now);
    this.#dueMs = sent.sentMs + Math.max(this.#regionLink?.everyMs ?? 0, againAfterMs);
    const owesWord = this.#regionLink?.owesWord === true;
    if (owesWord && this.#retold++ < retellings) return false;
    this.#end(!owesWord);
    return true;
  }

  /** The root did not answer: the exchange is over. */
  recordLoss(sent: SentMessage): void {
    this.#regionLink?.recordLoss(sent);
    this.#dueMs = sent.sentMs + againAfterMs;
    this.#end(false);
  }

  #end(isAnswered: boolean): void {
    this.#isUnderWay = false;
    this.#isAnswered = isAnswered;
    this.#retold = 0;
  }

  /** The root may have news though no holder here wants anything. A region without traffic is lent nothing for that. */
  *heed(now: Millis): ObjectTask {
    if (this.#regionLink === undefined) return;
    yield* this.#exchange(this.#regionLink.leftMs(now) > 0 ? undefined : "quiet");
  }

  *#exchange(need?: Need): Generator<ObjectStep, Millis, Millis> {
    if (this.#isUnderWay) return yield { kind: "join" };
    this.#isUnderWay = true;
    return yield { kind: "exchange", ...(need && { need }) };
  }

  *#askRoot(regionLink: RegionLink, isShort: (now: Millis) => boolean, startMs: Millis): ObjectTask<boolean> {
    let now = startMs;
    // One that is under way may bring what is wanted, but does not say that it is.
    if (this.#isUnderWay) now = yield { kind: "join" };
    if (isShort(now)) now = yield* this.#exchange("short");
    return regionLink.leftMs(now) > 0;
  }

  /** Also after the last message: what has become free is wanted elsewhere. */
  *#renew(now: Millis): ObjectTask {
    yield { kind: "wait", forMs: Math.max(0, this.#dueMs - now) };
    this.#renewalPlanned = false;
    if (!this.#isUnderWay) yield* this.#exchange();
  }

  /** When no message has come for a while, idle holders are forgotten, and a region gives back what it was lent. */
  *#restWhenQuiet(): ObjectTask {
    let forMs = restAfterMs;
    while (this.#restPlanned) {
      const now = yield { kind: "wait", forMs };
      const quietMs = now - this.#heardMs;
      forMs = quietMs < restAfterMs ? restAfterMs - quietMs : restAfterMs;
      if (quietMs < restAfterMs) continue;
      yield { kind: "rest" };
      const isSaid = this.#regionLink === undefined || (yield* this.#giveBack());
      this.#restPlanned = !isSaid || this.#object.home.isScaledUp || this.#heardMs > now;
    }
  }

  /** Whether the root knows that no holder here wants anything. */
  *#giveBack(): ObjectTask<boolean> {
    if (this.#isUnderWay) yield { kind: "join" };
    if (this.#isUnderWay) return false;
    yield* this.#exchange("quiet");
    return this.#isAnswered;
  }
}
