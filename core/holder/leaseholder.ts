/**
 * An isolate's side of an upstream: the three ways in which its requests get their picks. Within its
 * lease the isolate picks by itself (leased); otherwise it asks the object (strict); and while the object does not answer, it goes on with
 * what it last heard (fail static). The caller sends the messages and waits for answers: the Worker
 * (`worker/objects/upstream-client.ts`), or the simulator.
 */
import type { Random } from "../model/random.ts";
import type { Millis, OriginName, Upstream } from "../model/upstream.ts";
import { clockLagMs } from "../protocol/clocks.ts";
import type { ConfigVersion } from "../protocol/config-section.ts";
import type { ExchangeReply } from "../protocol/exchange.ts";
import type { Outcome } from "../protocol/outcome.ts";
import type { GrantedPick, Pick, Queued, Want } from "../protocol/pick.ts";
import { tallyKey, type CounterName, type LabelsOf } from "../telemetry/counters.ts";
import type { AloneReason, Answer, AskAgain, GrantedAnswer, Learnt } from "./answer.ts";
import { abandonedAfterMs, ExchangeSession, type Facts, type SentMessage } from "./exchange-session.ts";
import { FailStatic } from "./fail-static.ts";
import type { LinePlace } from "./local-line.ts";
import type { HeldLease } from "./held-lease.ts";
import { LocalPicker, type LocalPick } from "./local-picker.ts";
import { OpenSlots, type Slot } from "./open-slots.ts";
import { Reach } from "./reach.ts";

export class Leaseholder {
  #upstream: Upstream;
  readonly #exchangeSession: ExchangeSession;
  readonly #slots = new OpenSlots();
  readonly #picker: LocalPicker;
  readonly #reach = new Reach();
  readonly #failStatic: FailStatic;
  readonly #random: Random;
  #everyMs: Millis = 0;
  #started = 0;

  constructor(upstream: Upstream, holder: string, random: Random) {
    this.#upstream = upstream;
    this.#exchangeSession = new ExchangeSession(holder);
    this.#picker = new LocalPicker(upstream, random);
    this.#failStatic = new FailStatic(upstream.retries, random);
    this.#random = random;
  }

  /** Other origins of the same upstream. What it holds, it holds. */
  reconfigure(upstream: Upstream): void {
    this.#upstream = upstream;
    this.#picker.reconfigure(upstream);
  }

  /** The lease in force, if there is one; it may have ended. */
  get lease(): HeldLease | undefined {
    return this.#exchangeSession.lease;
  }

  get isLeased(): boolean {
    return this.lease !== undefined;
  }

  /** The lease is to be renewed every so often. */
  get everyMs(): Millis {
    return this.#everyMs;
  }

  /** Whether the object answered last. */
  get isReached(): boolean {
    return this.#reach.isGood;
  }

  /** Whether a message is due that finds out if the object is back; the caller then sends it. */
  isProbeDue(now: Millis): boolean {
    return this.#reach.isProbeDue(this.#upstream.timeouts.exchangeMs, now);
  }

  /** Requests started without asking, so far. */
  get started(): number {
    return this.#started;
  }

  /** Messages made so far. */
  get messages(): number {
    return this.#exchangeSession.written;
  }

  /** Its traffic has fallen: a message gives back what it has no use for. */
  get hasFallen(): boolean {
    return this.#slots.hasFallen && this.#exchangeSession.hasSurplus(this.#slots.on);
  }

  /** Something has changed that no message has said yet. */
  get hasUnsaid(): boolean {
    return this.#exchangeSession.hasUnsaid;
  }

  /** An origin and a slot on it, which the caller closes in the end; or that the object has to be asked. */
  pick(want: Want, now: Millis, known: Learnt = {}): Answer | Extract<LocalPick, { kind: "ask" | "waits" }> {
    const mayAsk = this.#reach.mayAsk(now);
    const pick = this.#picker.pick(want, {
      now,
      lease: this.#exchangeSession.lease,
      openOn: this.#slots.on,
      mayAsk,
      ...known,
    });
    if (pick.kind === "waits") return pick;
    if (pick.kind === "granted") return this.#start(pick, "leased", want, now);
    if (pick.kind === "unavailable") return pick.assumed === true ? this.#alone(want, "in-doubt", now) : pick;
    return mayAsk ? pick : this.#alone(want, "unreached", now);
  }

  /** The request waits no more: its client has gone. */
  leaveLine(place: LinePlace): void {
    this.#picker.leave(place);
  }

  /** The next message; with a want it asks. It is to be given to `answered` or to `recordLoss`. */
  write(
    config: ConfigVersion,
    now: Millis,
    { want, quiet }: { want?: Want; quiet?: boolean } = {},
  ): SentMessage {
    const declared = this.#slots.declare(now, this.#exchangeSession.waiting + this.#picker.waiting(now));
    if (quiet !== true) this.#exchangeSession.giveBack(this.#slots.on);
    const facts: Facts = {
      config,
      untilMs: now + abandonedAfterMs,
      recovering: this.#reach.isGood ? undefined : true,
      quiet: quiet === true ? quiet : undefined,
      want,
    };
    return { message: this.#exchangeSession.write(declared, facts, now), sentMs: now };
  }

  /** Takes in what a reply says besides its pick. To be called for late ones too: what they say is still true. */
  recordReply(reply: ExchangeReply, sent: SentMessage): void {
    this.#exchangeSession.recordReply(reply, sent);
  }

  /**
   * The reply came in time, and may say that the ask waits: then for so long at most, until `waited` or `leave`. Otherwise,
   * which is `undefined`, the reply is for `answered`.
   */
  queued(reply: ExchangeReply, { message, sentMs }: SentMessage, now: Millis): Queued | undefined {
    const { pick } = reply;
    // An ask from before the object's loss of memory is given up, so that the object learns that nothing else from then is open.
    if (pick?.kind !== "queued" || (message.epoch > 0 && reply.epoch > message.epoch)) return undefined;
    const untilMs = now + pick.forMs + abandonedAfterMs;
    if (!this.#exchangeSession.wait(message.seq, untilMs)) return undefined;
    this.#reach.recordAnswer(sentMs);
    this.#everyMs = reply.everyMs ?? 0;
    return pick;
  }

  /** The reply came in time: what the ask has got; or that the object, which has lost its memory, is to be asked again. */
  answered(reply: ExchangeReply, sent: SentMessage, now: Millis): Answer | AskAgain | undefined {
    this.#reach.recordAnswer(sent.sentMs);
    // An answer that a later one has overtaken says nothing of it, and ends no lease.
    if (reply.everyMs !== undefined) this.#everyMs = reply.everyMs;
    const answer = this.#resultOf(reply, sent, now);
    const { lease } = this.#exchangeSession;
    if (lease !== undefined) this.#picker.recordLease(lease, now);
    return answer;
  }

  #resultOf(reply: ExchangeReply, sent: SentMessage, now: Millis): Answer | AskAgain | undefined {
    const { message, sentMs } = sent;
    const { pick } = reply;
    const { want } = message;
    if (pick === undefined || want === undefined) return undefined;
    // It has counted against us what we may have had. Now it can be told.
    const hasForgotten = message.epoch > 0 && reply.epoch > message.epoch;
    if (pick.kind === "unavailable" && hasForgotten) return { kind: "ask" };
    if (pick.kind === "unavailable" && pick.assumed === true) return this.#alone(want, "in-doubt", now);
    if (pick.kind === "queued") {
      this.#exchangeSession.giveUp(message.seq);
      return { kind: "ask" };
    }
    if (pick.kind === "idle-lease") {
      this.#exchangeSession.giveUp(message.seq);
      const view = { now, lease: this.#exchangeSession.lease, openOn: this.#slots.on };
      const own =
        pick.there === true
          ? this.#picker.pickBound(want, view)
          : this.#picker.pickHome(want, view, pick.pin);
      if (own !== undefined) return this.#start(own, "leased", want, now);
      return { kind: "ask", want: { ...want, sentBack: (want.sentBack ?? 0) + 1 } };
    }
    if (pick.kind !== "granted" && pick.kind !== "withdrawn") return pick;
    const slot = pick.kind === "granted" ? this.#takeSlot(message.seq, pick.origin, sentMs, now) : undefined;
    if (pick.kind === "granted" && slot !== undefined) return { kind: "granted", pick, slot, mode: "strict" };
    // A message that was made meanwhile has given the ask up, as it was that old. The object is there, so it is asked again.
    this.#exchangeSession.giveUp(message.seq);
    return { kind: "ask" };
  }

  /** The ask's waiting is over: what it has got; or that the object, which has forgotten it, is to be asked again. */
  waited(pick: Pick | undefined, { message, sentMs }: SentMessage, now: Millis): Answer | AskAgain {
    const { seq } = message;
    if (pick?.kind === "granted") {
      const slot = this.#takeSlot(seq, pick.origin, sentMs, now);
      if (slot !== undefined) return { kind: "granted", pick, slot, mode: "strict" };
    }
    this.#exchangeSession.giveUp(seq);
    return pick?.kind === "unavailable" ? pick : { kind: "ask" };
  }

  /** The request does not wait any more: its client has gone. */
  leave({ message }: SentMessage): void {
    this.#exchangeSession.giveUp(message.seq);
  }

  /**
   * No answer came in time. What the message said will be said again; an ask is picked for without the object. If that was not
   * heard for a while, it is asked once more before: an operator may have taken an origin out meanwhile.
   */
  recordLoss({ message, sentMs }: SentMessage, now: Millis): Answer | AskAgain | undefined {
    this.#exchangeSession.recordLoss(message.seq);
    this.#reach.recordLoss(sentMs, now, this.#random);
    if (message.want === undefined) return undefined;
    if (message.recovering === undefined && this.#reach.isOutOfDate(now)) return { kind: "ask" };
    return this.#alone(message.want, "no-answer", now);
  }

  /** Says how an attempt ended; the object hears of it with the next message. */
  recordOutcome(outcome: Outcome, now: Millis): void {
    this.#exchangeSession.recordOutcome(outcome);
    if (outcome.lost === true) this.#picker.avoid(outcome.origin, now);
  }

  /** A request was turned away in the end, since every pool is full: it counts as a need all the same. */
  refused(now: Millis): void {
    this.#slots.refused(now);
  }

  /** So many more of that (`core/telemetry/counters.ts`): the object hears of it with the next message. */
  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, count = 1): void {
    this.#exchangeSession.tally(tallyKey(name, labels), count);
  }

  /** Requests of this holder that are open on the origin. */
  openOn(origin: OriginName): number {
    return this.#slots.on(origin);
  }

  /** The request is done with its slot. */
  close(slot: Slot, now: Millis): void {
    if (this.#slots.close(slot, now)) this.#exchangeSession.noteChange();
  }

  /** The request goes on beyond the slot's deadline, and the object will hear of it before that. */
  keep(slot: Slot, now: Millis): void {
    const from = this.#countedUntilMs(slot);
    if (!this.#slots.prolong(slot, now + this.#upstream.timeouts.maxHoldMs)) return;
    slot.prolonged = { after: this.#exchangeSession.written, from };
  }

  /** The same, and the object is to hear of it now. */
  extend(slot: Slot, now: Millis): void {
    this.keep(slot, now);
    this.#exchangeSession.noteChange();
  }

  /**
   * How long the request may go on: after that the object may have given its slot to another holder, and the config may prefer
   * a refusal to a limit that is exceeded.
   */
  mayGoOnUntilMs(slot: Slot): Millis {
    return this.#upstream.onCoordinatorLoss === "exceed" ? Infinity : this.#countedUntilMs(slot);
  }

  /** Until when the object counts the slot for certain: the deadline that a message has said and that was answered. */
  #countedUntilMs({ untilMs, prolonged }: Slot): Millis {
    return prolonged === undefined || prolonged.after < this.#exchangeSession.answered
      ? untilMs
      : prolonged.from;
  }

  /** A grant arrived: the slot is the holder's. `undefined` if the ask was given up meanwhile. */
  #takeSlot(seq: number, origin: OriginName, sentMs: Millis, now: Millis): Slot | undefined {
    return this.#exchangeSession.takeGrant(seq)
      ? this.#slots.open(origin, sentMs + this.#requestMs, now)
      : undefined;
  }

  /** How long a request is declared if its end is not reported. Its own timer ends it a little earlier. */
  get #requestMs(): Millis {
    return this.#upstream.timeouts.totalMs + clockLagMs;
  }

  #alone(want: Want, alone: AloneReason, now: Millis): Answer {
    const { lastLease: lease, out } = this.#exchangeSession;
    const pick = this.#failStatic.pick(this.#upstream, want, { now, lease, openOn: this.#slots.on, out });
    return pick.kind === "granted" ? { ...this.#start(pick, "fail-static", want, now), alone } : pick;
  }

  #start(pick: GrantedPick, mode: "leased" | "fail-static", { pin }: Want, now: Millis): GrantedAnswer {
    this.#started++;
    const isBoundThere = pick.pin === "kept" || pick.pin === "moved";
    const session = isBoundThere ? pin?.session : undefined;
    const slot = this.#slots.start(pick.origin, now + this.#requestMs, now, session);
    this.#exchangeSession.noteChange();
    return { kind: "granted", pick, slot, mode };
  }
}
