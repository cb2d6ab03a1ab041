/**
 * How an application server behaves under load: a fixed number of slots, a bounded queue before them, and a reset
 * for what fits in neither. Pure: time and chance are arguments, so the same model runs behind a real HTTP server
 * (`server.ts`) and in a discrete-event simulator.
 *
 * The caller owns the clock. Each method is a transition at `now` (never decreasing) and returns what happened:
 *
 *     arrive ─▶ refused
 *            └▶ (queued) ─▶ started ── serviceMs later: answer() ─▶ (held) ─▶ answered ── body sent: release()
 *
 * Semantics are those of uWSGI, approximately:
 * - A slot stays busy until the answer's last byte is handed over, so a slow reader keeps it busy.
 * - A client that leaves (`leave`) frees nothing by itself: the application works on, and notices when it writes.
 *   One that leaves the queue is served all the same. Hence two measures: `busy` slots and `open` requests.
 * - A full queue resets; a kernel would rather drop the handshake and let the client try again.
 * - During a cold start requests are reset and health checks get a 503.
 */
import type { Random } from "../core/model/random.ts";
import type { Millis } from "../core/model/upstream.ts";
import type { Arrival, OriginEvent, RefusalReason } from "./model/events.ts";
import { noFault, type Fault } from "./model/fault.ts";
import { drawServiceMs } from "./model/service-time.ts";
import { slotsOf, type OriginSpec } from "./model/spec.ts";
import { Tally, type Counts } from "./model/tally.ts";
import { Workers } from "./model/workers.ts";

export interface ModelStats extends Counts {
  readonly phase: Phase["kind"];
  readonly fault: Fault;
  readonly slots: number;
  /** Slots in use, 0–`slots`: also by requests whose client has left. */
  readonly busy: number;
  /** Requests waiting for a slot, 0–`backlog`: also those whose client has left. */
  readonly queued: number;
}

type Phase =
  | { readonly kind: "dead" }
  | { readonly kind: "starting"; readonly until: Millis }
  | { readonly kind: "up" };

interface Request extends Arrival {
  stage: "queued" | "serving" | "held" | "answering" | "cutting";
  /** Absent while queued, and for a health check that bypasses the slots. */
  worker?: number;
  gone: boolean;
}

/** One origin. It is dead until `boot`. */
export class OriginModel {
  readonly #spec: OriginSpec;
  readonly #random: Random;
  readonly #workers: Workers;
  readonly #tally = new Tally();
  readonly #requests = new Map<number, Request>();
  #queue: Request[] = [];
  #phase: Phase = { kind: "dead" };
  #fault = noFault;

  constructor(spec: OriginSpec, random: Random) {
    this.#spec = spec;
    this.#random = random;
    this.#workers = new Workers(spec);
  }

  /** Starts a dead origin; without effect on a living one. */
  boot(now: Millis, coldStartMs = this.#spec.coldStartMs): OriginEvent[] {
    if (this.#phase.kind !== "dead") return [];
    const until = now + coldStartMs;
    this.#phase = coldStartMs > 0 ? { kind: "starting", until } : { kind: "up" };
    return coldStartMs > 0 ? [{ kind: "starting", until }] : [];
  }

  /** Ends it at once, with everything it was doing. */
  kill(): OriginEvent[] {
    const dropped = [...this.#requests.values()];
    for (const request of dropped) if (isCounted(request)) this.#tally.end("dropped");
    this.#requests.clear();
    this.#queue = [];
    this.#workers.reset();
    this.#phase = { kind: "dead" };
    return dropped.map(({ id }) => ({ kind: "dropped", id }));
  }

  /** A request has been received. */
  arrive(arrival: Arrival, now: Millis): OriginEvent[] {
    if (this.#requests.has(arrival.id)) throw new Error(`request ${arrival.id} has arrived before`);
    const events = this.wake(now);
    const request: Request = { ...arrival, stage: "queued", gone: false };
    const health = arrival.health === true;
    const reason = this.#refusalReason(health);
    if (reason !== undefined) return [...events, this.#refuse(request, reason)];

    const needsSlot = !health || (this.#spec.healthBypassesQueue === false && this.#phase.kind === "up");
    const worker = needsSlot ? this.#workers.takeIdle() : undefined;
    if (needsSlot && worker === undefined && this.#queue.length >= this.#spec.backlog) {
      return [...events, this.#refuse(request, "queue-full")];
    }
    this.#requests.set(request.id, request);
    if (!health) this.#tally.accept();
    if (!needsSlot || worker !== undefined) return [...events, this.#start(request, worker)];
    const position = this.#queue.push(request);
    return [...events, { kind: "queued", id: request.id, position }];
  }

  /** The service time of a started request is over. Unknown ids (killed meanwhile) are ignored, here and below. */
  answer(id: number, now: Millis): OriginEvent[] {
    const request = this.#requests.get(id);
    if (request?.stage !== "serving") return [];
    if (this.#fault.kind !== "hang") return this.#answer(request, now);
    request.stage = "held";
    return [{ kind: "held", id }];
  }

  /** An answer has been sent, or broken off; `status` is the one it had. */
  release(id: number, now: Millis, status = 200): OriginEvent[] {
    const request = this.#requests.get(id);
    if (request?.stage !== "answering" && request?.stage !== "cutting") return [];
    if (isCounted(request)) this.#tally.end(request.stage === "cutting" ? "cut" : "served", status);
    return this.#end(request, now);
  }

  /** The client closed its connection before the answer's end. */
  leave(id: number, now: Millis): OriginEvent[] {
    const request = this.#requests.get(id);
    if (request === undefined) return [];
    if (isCounted(request)) this.#tally.end("abandoned");
    request.gone = true;
    const isWriting = request.stage === "answering" || request.stage === "cutting";
    return isWriting ? this.#end(request, now) : [];
  }

  /** Lets time pass: a cold start or a worker's restart may be over, and the queue moves up. */
  wake(now: Millis): OriginEvent[] {
    if (this.#phase.kind === "starting" && this.#phase.until <= now) this.#phase = { kind: "up" };
    this.#workers.wake(now);
    const events: OriginEvent[] = [];
    while (this.#queue.length > 0) {
      const worker = this.#workers.takeIdle();
      if (worker === undefined) break;
      const head = this.#queue.shift();
      if (head !== undefined) events.push(this.#start(head, worker));
    }
    return events;
  }

  /** Replaces the fault. When a hang ends, what it held is answered. */
  setFault(fault: Fault, now: Millis): OriginEvent[] {
    this.#fault = fault;
    if (fault.kind === "hang") return [];
    const held = [...this.#requests.values()].filter(({ stage }) => stage === "held");
    return held.flatMap((request) => this.#answer(request, now));
  }

  resetStats(): void {
    this.#tally.reset();
  }

  stats(): ModelStats {
    return {
      phase: this.#phase.kind,
      fault: this.#fault,
      slots: slotsOf(this.#spec),
      busy: this.#workers.busy,
      queued: this.#queue.length,
      ...this.#tally.counts(),
    };
  }

  #refusalReason(health: boolean): RefusalReason | undefined {
    if (this.#phase.kind === "dead") return "dead";
    if (this.#fault.kind === "refuse") return "fault";
    return this.#phase.kind === "starting" && !health ? "starting" : undefined;
  }

  #refuse(request: Request, reason: RefusalReason): OriginEvent {
    if (isCounted(request)) this.#tally.refuse();
    return { kind: "refused", id: request.id, reason };
  }

  #start(request: Request, worker: number | undefined): OriginEvent {
    request.stage = "serving";
    if (worker !== undefined) request.worker = worker;
    const slowdown = this.#fault.kind === "slow" ? this.#fault.factor : 1;
    const ownMs = request.health === true ? 0 : request.serviceMs;
    const serviceMs = slowdown * (ownMs ?? drawServiceMs(this.#spec.serviceTime, this.#random));
    return { kind: "started", id: request.id, serviceMs };
  }

  #answer(request: Request, now: Millis): OriginEvent[] {
    if (request.gone) return this.#end(request, now);
    const cut = this.#fault.kind === "cut-body" && request.health !== true;
    request.stage = cut ? "cutting" : "answering";
    const answered = { kind: "answered", id: request.id, cut } as const;
    if (this.#fault.kind === "status") return [{ ...answered, status: this.#fault.status }];
    return [this.#phase.kind === "starting" ? { ...answered, status: 503 } : answered];
  }

  #end(request: Request, now: Millis): OriginEvent[] {
    this.#requests.delete(request.id);
    if (request.worker === undefined) return [];
    const until = this.#workers.free(request.worker, now);
    if (until === undefined) return this.wake(now);
    this.#tally.recycle();
    return [{ kind: "recycling", until }, ...this.wake(now)];
  }
}

function isCounted(request: Request): boolean {
  return request.health !== true && !request.gone;
}
