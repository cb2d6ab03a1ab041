/**
 * A holder's letters to the object above it, and the answers: numbers, epochs, what is awaited, the lease that came of
 * it. An isolate writes to its region or to the root, a region writes to the root; what they hold differs (`holdings.ts`,
 * `branch.ts`), how they write does not.
 */
import type { Millis } from "../upstream.ts";
import type {
  ConfigVersion,
  ExchangeMessage,
  ExchangeReply,
  HolderId,
  Lease,
  Outcome,
  OutcomeRun,
} from "./exchange.ts";
import { OutcomeLog } from "./outcome-log.ts";

/**
 * By so much the holder's clock may lag: on Workers it stands still between two I/Os. So a lease ends so much earlier, or a
 * request might be started after its end; and a slot whose request ends by a timer is kept so much longer.
 */
export const clockLagMs: Millis = 1_000;

/** The lease that is in force: the one from the latest message that was answered. */
export interface HeldLease extends Lease {
  /** The message that it came in answer to. */
  readonly seq: number;
  /** On the holder's own clock. */
  readonly untilMs: Millis;
}

/** What a message says besides numbers. */
export interface Contents extends Pick<
  ExchangeMessage,
  "held" | "started" | "sessions" | "quiet" | "short" | "want" | "replaces"
> {
  readonly config: ConfigVersion;
  /** How long its answer is waited for. */
  readonly untilMs: Millis;
}

export class Correspondence {
  readonly #holder: HolderId;
  readonly #outcomes = new OutcomeLog();
  /** Messages that may still be answered, and until when. */
  readonly #awaiting = new Map<number, Millis>();
  /** None of them is given up before this. */
  #awaitedUntilMs: Millis = Infinity;
  #lease: HeldLease | undefined;
  /** Also after it was given back or withdrawn; then its time is over. */
  #lastLease: HeldLease | undefined;
  /** The latest message that was answered while it was awaited. */
  #heardSeq = 0;
  #seq = 0;
  #epoch = 0;
  /** Messages up to this one knew only an earlier incarnation of the object. */
  #outdatedSeq = 0;
  /** Whether the latest message said everything that the object needs to know after it has lost its memory. */
  #isSettled = true;

  constructor(holder: HolderId) {
    this.#holder = holder;
  }

  /** Messages written so far; also the number of the latest. */
  get written(): number {
    return this.#seq;
  }

  /** The latest message of those that were answered in time. */
  get answered(): number {
    return this.#heardSeq;
  }

  /** The lease in force: whoever starts requests under it minds its end. */
  get lease(): HeldLease | undefined {
    return this.#lease;
  }

  /** What was heard last of the origins, whether it still gives a right to anything (`untilMs`) or not. */
  get lastLease(): HeldLease | undefined {
    return this.#lastLease;
  }

  /**
   * The object has lost its memory, and assumes the most that this holder may have had until a message tells it that
   * nothing from before is used or awaited any more. That is true now, and has not been said.
   */
  get owesWord(): boolean {
    return !this.#isSettled && this.#canSettle();
  }

  write({ config, untilMs, held, ...rest }: Contents, now: Millis): ExchangeMessage {
    this.#giveUpOverdue(now);
    const seq = ++this.#seq;
    this.#awaiting.set(seq, untilMs);
    if (untilMs < this.#awaitedUntilMs) this.#awaitedUntilMs = untilMs;
    if (rest.quiet === true) this.#hold(undefined);
    this.#isSettled ||= this.#canSettle();
    return {
      holder: this.#holder,
      seq,
      epoch: this.#epoch,
      config,
      held,
      awaiting: [...this.#awaiting.keys()],
      outcomes: this.#outcomes.say(),
      outcomesFrom: this.#outcomes.from,
      ...(this.#lease && { lease: this.#lease.seq }),
      ...rest,
    };
  }

  /**
   * Takes in the answer to a message that was sent at `sentMs`, all but its pick. One that is no longer awaited is
   * heard too, but brings no lease: the object may already rely on its not being taken.
   */
  hear(reply: ExchangeReply, { seq, sentMs }: { readonly seq: number; readonly sentMs: Millis }): void {
    if (this.#epoch > 0 && reply.epoch > this.#epoch) {
      this.#outdatedSeq = this.#seq;
      this.#isSettled = false;
    }
    this.#epoch = Math.max(this.#epoch, reply.epoch);
    this.#outcomes.seen(reply.outcomesSeen);
    const isAwaited = this.#awaiting.has(seq);
    // A granted ask is awaited until its slot is taken.
    if (reply.pick?.kind !== "granted") this.#awaiting.delete(seq);
    if (isAwaited && seq >= this.#heardSeq) {
      this.#heardSeq = seq;
      this.#hold(reply.lease && { ...reply.lease, seq, untilMs: sentMs + reply.lease.forMs - clockLagMs });
    }
  }

  /** The message's answer is not waited for any more; `false` if it was not. */
  close(seq: number): boolean {
    return this.#awaiting.delete(seq);
  }

  observe(outcome: Outcome): void {
    this.#outcomes.add(outcome);
  }

  /** Passes on what a region's own holders have told it. */
  forward(runs: readonly OutcomeRun[]): void {
    this.#outcomes.forward(runs);
  }

  #hold(lease: HeldLease | undefined): void {
    this.#lease = lease;
    this.#lastLease = lease ?? (this.#lastLease && { ...this.#lastLease, untilMs: -Infinity });
  }

  #canSettle(): boolean {
    if ((this.#lease?.seq ?? Infinity) <= this.#outdatedSeq) return false;
    for (const seq of this.#awaiting.keys()) if (seq <= this.#outdatedSeq) return false;
    return true;
  }

  #giveUpOverdue(now: Millis): void {
    if (now < this.#awaitedUntilMs) return;
    this.#awaitedUntilMs = Infinity;
    for (const [seq, untilMs] of this.#awaiting) {
      if (untilMs <= now) this.#awaiting.delete(seq);
      else this.#awaitedUntilMs = Math.min(this.#awaitedUntilMs, untilMs);
    }
  }
}
