/**
 * One isolate: core's `Leaseholder`, and the timers around it. What is sent when is as in the Worker
 * (`worker/coordination/upstream-client.ts`), whose promises are continuations here.
 */
import { Leaseholder, type Answer, type Letter } from "../../../../core/leases/leaseholder.ts";
import type { ExchangeReply, Outcome, Want } from "../../../../core/leases/exchange.ts";
import type { Slot } from "../../../../core/leases/holdings.ts";
import type { Random } from "../../../../core/random.ts";
import type { Millis, Upstream } from "../../../../core/upstream.ts";

/** What an isolate needs of the world. */
export interface World {
  readonly now: Millis;
  readonly random: Random;
  after(delayMs: Millis, action: () => void): void;
  /** Takes the letter to the object. `hear` gets the answer, if one comes, however late. */
  carry(letter: Letter, hear: (reply: ExchangeReply) => void): void;
}

/** When the end of a request is told: with an exchange that comes soon enough anyway, or always by itself. */
export type Completions = "ride" | "alone";

const flushAfterMs: Millis = 5;
const flushWithinMs: Millis = 1_000;
const flushTriesMs: Millis = 25_000;

const version = { order: 1, hash: "" };

export class Isolate {
  readonly #upstream: Upstream;
  readonly #holder: Leaseholder;
  readonly #world: World;
  readonly #completions: Completions;
  #flushAtMs: Millis = 0;
  #renewAtMs: Millis = 0;
  #keeper = 0;
  #keptUntilMs: Millis = 0;
  #isAlive = true;

  constructor(upstream: Upstream, name: string, world: World, completions: Completions) {
    this.#upstream = upstream;
    this.#holder = new Leaseholder(upstream, name, world.random);
    this.#world = world;
    this.#completions = completions;
  }

  /** Its memory is lost, and with it whatever it was about to do. */
  die(): void {
    this.#isAlive = false;
  }

  /** An origin and a slot on it, now or later. */
  pick(want: Want, take: (answer: Answer) => void): void {
    const { now } = this.#world;
    const own = this.#holder.pick(want, now);
    if (own.kind === "ask") return this.#ask(want, take);
    if (this.#holder.terms.isLeased && now >= this.#renewAtMs) this.#keepLease(true);
    else if (!this.#holder.isReached && this.#holder.isProbeDue(now)) this.#sendAlone();
    take(own);
  }

  /** A request is done with its slot; `outcome` is absent if it says nothing of the origin. */
  close(slot: Slot, outcome?: Outcome): void {
    if (outcome !== undefined) this.#holder.observe(outcome, this.#world.now);
    this.#holder.close(slot, this.#world.now);
    this.#flush();
  }

  #flush(): void {
    const { now } = this.#world;
    const { hasUnsaid, terms, isReached } = this.#holder;
    if (!hasUnsaid) return;
    if (terms.isLeased && isReached) {
      if (this.#holder.hasFallen) this.#sendAlone();
      else if (this.#keptUntilMs <= now) this.#keepLease(false);
    } else if (this.#completions === "alone" && isReached) this.#sendAlone();
    else if (this.#flushAtMs + flushAfterMs <= now) this.#flushLater(now);
  }

  #ask(want: Want, take: (answer: Answer) => void): void {
    this.#send({ want }, (answer) => {
      if (answer?.kind === "ask") this.#ask(want, take);
      else take(answer ?? { kind: "lost" });
    });
  }

  #keepLease(isDue: boolean): void {
    const turn = ++this.#keeper;
    this.#renewAtMs = this.#world.now + this.#holder.terms.everyMs;
    if (isDue) this.#sendAlone({}, () => this.#keepOn(turn));
    else this.#keepOn(turn);
  }

  #keepOn(turn: number): void {
    const holder = this.#holder;
    if (this.#keeper !== turn || !holder.terms.isLeased) return;
    const { started, messages } = holder;
    const pauseMs = 1.2 * holder.terms.everyMs;
    this.#keptUntilMs = this.#world.now + pauseMs + this.#upstream.timeouts.exchangeMs;
    this.#after(pauseMs, () => {
      if (this.#keeper !== turn || !holder.isReached) return;
      const quiet = holder.started === started;
      if (quiet || holder.messages === messages) this.#sendAlone({ quiet }, () => this.#keepOn(turn));
      else this.#keepOn(turn);
    });
  }

  #flushLater(startedMs: Millis): void {
    const { messages } = this.#holder;
    this.#flushAtMs = this.#world.now + flushAfterMs;
    this.#after(flushAfterMs, () => {
      const isTime = this.#world.now - startedMs < flushWithinMs;
      if (this.#holder.messages !== messages && isTime) return this.#flushLater(startedMs);
      this.#flushAtMs = 0;
      this.#sayUnsaid(startedMs);
    });
  }

  #sayUnsaid(startedMs: Millis): void {
    const { now } = this.#world;
    const holder = this.#holder;
    if (!holder.hasUnsaid || now - startedMs >= flushTriesMs) return;
    if (holder.isReached || holder.isProbeDue(now)) {
      return this.#sendAlone({}, () => this.#sayUnsaid(startedMs));
    }
    this.#flushAtMs = now + flushWithinMs;
    this.#after(flushWithinMs, () => this.#sayUnsaid(startedMs));
  }

  #sendAlone(facts: { quiet?: boolean } = {}, then: () => void = () => {}): void {
    this.#send(facts, then);
  }

  #send(
    facts: { want?: Want; quiet?: boolean },
    then: (answer: Answer | { readonly kind: "ask" } | undefined) => void,
  ): void {
    const letter = this.#holder.write(version, this.#world.now, facts);
    let isOver = false;
    this.#after(this.#upstream.timeouts.exchangeMs, () => {
      if (isOver) return;
      isOver = true;
      then(this.#holder.lost(letter, this.#world.now));
    });
    this.#world.carry(letter, (reply) => {
      if (!this.#isAlive) return;
      this.#holder.hear(reply, letter);
      if (isOver) return;
      isOver = true;
      this.#renewAtMs = Math.max(this.#renewAtMs, letter.sentMs + (reply.everyMs ?? 0));
      then(this.#holder.answered(reply, letter, this.#world.now));
    });
  }

  #after(delayMs: Millis, action: () => void): void {
    this.#world.after(delayMs, () => {
      if (this.#isAlive) action();
    });
  }
}
