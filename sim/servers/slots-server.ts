/**
 * An application server with slots and a bounded queue: the model that `origin-sim` serves over HTTP
 * (`origin-sim/model.ts`), run on virtual time. Here an answer takes no time to send.
 */
import type { Random } from "../../core/model/random.ts";
import type { Millis } from "../../core/model/upstream.ts";
import { OriginModel } from "../../origin-sim/model.ts";
import type { OriginEvent } from "../../origin-sim/model/events.ts";
import { slotsOf, type OriginSpec } from "../../origin-sim/model/spec.ts";
import type { Attempts } from "../engine/attempts.ts";
import { EventQueue } from "../engine/event-queue.ts";
import type { OnEnded, Server } from "./server.ts";

const Due = { answer: 0, wake: 1 } as const;

export type SlotsSpec = Omit<OriginSpec, "serviceTime" | "coldStartMs">;

export class SlotsServer implements Server {
  readonly #model: OriginModel;
  readonly #speed: number;
  readonly #slots: number;
  readonly #room: number;
  readonly #attempts: Attempts;
  readonly #onEnded: OnEnded;
  readonly #due = new EventQueue();
  /** The attempt behind each request of the model; those whose client has gone are missing. */
  readonly #attemptOf = new Map<number, number>();
  readonly #requestOf = new Map<number, number>();
  #arrived = 0;
  #open = 0;
  #busy = 0;
  #slowdown = 1;
  #usedSlotMs = 0;
  #settledAt: Millis = 0;
  #up = true;

  constructor(spec: SlotsSpec, speed: number, attempts: Attempts, onEnded: OnEnded, random: Random) {
    this.#model = new OriginModel(
      { ...spec, serviceTime: { kind: "constant", ms: 0 }, coldStartMs: 0 },
      random,
    );
    this.#model.boot(0);
    this.#speed = speed;
    this.#slots = slotsOf(spec);
    this.#room = this.#slots + spec.backlog;
    this.#attempts = attempts;
    this.#onEnded = onEnded;
  }

  get open(): number {
    return this.#open;
  }

  get owed(): number {
    return this.#attemptOf.size;
  }

  get up(): boolean {
    return this.#up;
  }

  get dueAt(): Millis {
    return this.#due.nextAt;
  }

  arrive(attempt: number, now: Millis): boolean {
    const id = ++this.#arrived;
    const serviceMs = this.#attempts.workMs[attempt]! / this.#speed;
    const [last] = this.#handle(this.#model.arrive({ id, serviceMs }, now), now).slice(-1);
    if (last?.kind === "refused") return false;
    this.#attemptOf.set(id, attempt);
    this.#requestOf.set(attempt, id);
    this.#open++;
    return true;
  }

  advance(now: Millis): void {
    while (this.#due.nextAt <= now) {
      this.#due.pop();
      const { kind, first: id } = this.#due;
      if (kind === Due.wake) this.#handle(this.#model.wake(now), now);
      else this.#answer(id, now);
    }
  }

  cancel(attempt: number, now: Millis): void {
    const id = this.#requestOf.get(attempt);
    if (id === undefined) return;
    this.#forget(id, attempt);
    this.#handle(this.#model.leave(id, now), now);
  }

  slowDown(factor: number, now: Millis): void {
    this.#slowdown = factor;
    this.#handle(this.#model.setFault(factor === 1 ? { kind: "none" } : { kind: "slow", factor }, now), now);
  }

  kill(now: Millis): void {
    this.#settle(now);
    this.#model.kill();
    this.#busy = this.#open = 0;
    this.#due.clear();
    this.#up = false;
    for (const [id, attempt] of this.#attemptOf) {
      this.#forget(id, attempt);
      this.#onEnded(attempt, false);
    }
  }

  boot(now: Millis, coldStartMs: Millis): void {
    this.#up = true;
    this.#handle(this.#model.boot(now, coldStartMs), now);
    this.slowDown(this.#slowdown, now);
  }

  usedCoreMs(now: Millis): number {
    this.#settle(now);
    return this.#usedSlotMs;
  }

  check(): string | undefined {
    if (this.#busy > this.#slots) return `${this.#busy} of ${this.#slots} slots are in use`;
    if (this.#open > this.#room)
      return `${this.#open} requests are open, and there is room for ${this.#room}`;
    if (this.#open < this.#busy) return `${this.#busy} slots are in use by ${this.#open} requests`;
    if (this.#open > 0 && this.dueAt === Infinity) return "there is work, and none of it is ever done";
    return undefined;
  }

  #answer(id: number, now: Millis): void {
    this.#settle(now);
    const answered = this.#model.answer(id, now);
    this.#busy--;
    this.#open--;
    this.#handle(answered, now);
    if (answered.some(({ kind }) => kind === "answered")) this.#handle(this.#model.release(id, now), now);
    const attempt = this.#attemptOf.get(id);
    if (attempt === undefined) return;
    this.#forget(id, attempt);
    this.#onEnded(attempt, true);
  }

  #handle(events: readonly OriginEvent[], now: Millis): readonly OriginEvent[] {
    for (const event of events) {
      if (event.kind === "started") {
        this.#settle(now);
        this.#busy++;
        this.#due.push(now + event.serviceMs, Due.answer, event.id);
      } else if (event.kind === "recycling" || event.kind === "starting") {
        this.#due.push(event.until, Due.wake);
      }
    }
    return events;
  }

  #forget(id: number, attempt: number): void {
    this.#attemptOf.delete(id);
    this.#requestOf.delete(attempt);
  }

  #settle(now: Millis): void {
    this.#usedSlotMs += (now - this.#settledAt) * this.#busy;
    this.#settledAt = now;
  }
}
