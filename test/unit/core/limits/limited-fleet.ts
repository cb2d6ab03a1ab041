/**
 * A fleet that holds one key to a limit, in a time of its own: isolates with their gates, the key's object, and messages that take a while, or
 * are lost on either way. It notes each request that passes, and each message.
 */
import { ExactGate } from "../../../../core/limits/exact-gate.ts";
import type { Gate, GateVerdict, RateTerms } from "../../../../core/limits/gate.ts";
import { LeasedGate } from "../../../../core/limits/leased-gate.ts";
import { RateKeeper } from "../../../../core/limits/rate-keeper.ts";
import type { RateAsk } from "../../../../core/protocol/rate-limits.ts";
import type { Random } from "../../../../core/model/random.ts";

export interface FleetTerms {
  readonly terms: RateTerms;
  readonly isolates: number;
  /** The longest time that a message takes on each of its two ways. */
  readonly wayMs: number;
  /** Which share of messages is lost, before or after the object has counted. */
  readonly lossShare: number;
  readonly random: Random;
}

/** A message that is lost is noticed after so long; longer than any message takes. */
const noticedMs = 1_000;

export class LimitedFleet {
  /** When requests passed, and how many did at each isolate. */
  readonly passedMs: number[] = [];
  readonly passedAt: number[];
  readonly messagesAt: number[];
  readonly #fleet: FleetTerms;
  readonly #gates: Gate[];
  readonly #keeper = new RateKeeper(0, 8);
  /** What is to come, by time; at one time in the order in which it was planned. */
  #plans: { readonly atMs: number; readonly act: () => void }[] = [];
  #now = 0;

  constructor(fleet: FleetTerms) {
    this.#fleet = fleet;
    const { terms, isolates } = fleet;
    this.#gates = Array.from({ length: isolates }, () =>
      terms.isExact ? new ExactGate(terms) : new LeasedGate(terms),
    );
    this.passedAt = this.#gates.map(() => 0);
    this.messagesAt = this.#gates.map(() => 0);
  }

  /** A request comes to the isolate at that time, which is not before any other one's. */
  request(atMs: number, isolate: number): void {
    this.#runUntil(atMs);
    this.#follow(isolate, this.#gate(isolate).decide(this.#now), atMs);
  }

  /** Until nothing is under way. */
  settle(): void {
    this.#runUntil(Infinity);
  }

  #gate(isolate: number): Gate {
    const gate = this.#gates[isolate];
    if (gate === undefined) throw new Error("there is no such isolate");
    return gate;
  }

  #follow(isolate: number, verdict: GateVerdict, sinceMs: number): void {
    switch (verdict.kind) {
      case "admit":
        return this.#pass(isolate, this.#now + verdict.waitMs);
      case "refuse":
        return undefined;
      case "ask":
        return this.#ask(isolate, verdict.want, sinceMs);
      case "come-again":
        if (this.#now - sinceMs < noticedMs)
          this.#plan(verdict.inMs, () =>
            this.#follow(isolate, this.#gate(isolate).decide(this.#now, true), sinceMs),
          );
        return undefined;
    }
  }

  #pass(isolate: number, atMs: number): void {
    this.passedMs.push(atMs);
    this.passedAt[isolate] = (this.passedAt[isolate] ?? 0) + 1;
  }

  #ask(isolate: number, want: number, sinceMs: number): void {
    const { terms, wayMs, lossShare, random } = this.#fleet;
    const { isExact, ...rate } = terms;
    const sentMs = this.#now;
    this.messagesAt[isolate] = (this.messagesAt[isolate] ?? 0) + 1;
    const gate = this.#gate(isolate);
    const lose = (): void => this.#plan(noticedMs, () => gate.lost(want));
    if (random.next() < lossShare / 2) return lose();
    this.#plan(wayMs * random.next(), () => {
      const ask: RateAsk = { key: [1, 2], ...rate, want, ...(!isExact && { isLeased: true }) };
      const reply = this.#keeper.answer(ask, this.#now);
      if (random.next() < lossShare / 2) return lose();
      this.#plan(wayMs * random.next(), () =>
        this.#follow(isolate, gate.answered(reply, want, sentMs, this.#now), sinceMs),
      );
    });
  }

  #plan(inMs: number, act: () => void): void {
    const atMs = this.#now + inMs;
    const at = this.#plans.findLastIndex((plan) => plan.atMs <= atMs) + 1;
    this.#plans.splice(at, 0, { atMs, act });
  }

  #runUntil(ms: number): void {
    for (let next = this.#plans[0]; next !== undefined && next.atMs <= ms; next = this.#plans[0]) {
      this.#plans.shift();
      this.#now = next.atMs;
      next.act();
    }
    if (ms < Infinity) this.#now = ms;
  }
}
