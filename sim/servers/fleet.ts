/** All servers of a run: takes attempts to them, keeps the moment at which each has something to do in the queue. */
import type { Random } from "../../core/model/random.ts";
import type { Millis } from "../../core/model/upstream.ts";
import { slotsOf } from "../../origin-sim/model/spec.ts";
import { Stage, type Attempts } from "../engine/attempts.ts";
import type { EventQueue } from "../engine/event-queue.ts";
import { Kind } from "../engine/events.ts";
import { serverStream } from "../engine/streams.ts";
import type { Scenario, ServerSpec } from "../scenario/scenario.ts";
import { drawWorkMs } from "../scenario/work.ts";
import { LatencyBook } from "./latency-book.ts";
import type { OnEnded, Server } from "./server.ts";
import { SharingServer } from "./sharing-server.ts";
import { SlotsServer } from "./slots-server.ts";

/** A server with its place in the world. */
export interface Machine {
  readonly spec: ServerSpec;
  readonly model: Server;
  readonly latencies: LatencyBook;
  /** Guaranteed cores, or slots. */
  readonly cores: number;
  readonly service: Random;
  /** Set while every request fails at once: after so long. */
  failsAfterMs: Millis | undefined;
  /** Which of its scheduled events is the valid one. */
  plan: number;
  plannedAt: Millis;
  /** Attempts it has answered since the start. */
  answered: number;
}

export class Fleet {
  readonly machines: readonly Machine[];
  readonly #attempts: Attempts;
  readonly #queue: EventQueue;
  /** Attempts that all servers have still to end, by their own counts. */
  owed = 0;
  /** Servers that have changed since the reader of this list last emptied it. */
  readonly touched: number[] = [];
  readonly #owedBy: Int32Array;

  constructor(scenario: Scenario, seed: number, attempts: Attempts, queue: EventQueue, onEnded: OnEnded) {
    this.#attempts = attempts;
    this.#queue = queue;
    this.#owedBy = new Int32Array(scenario.servers.length);
    this.machines = scenario.servers.map((spec, index) =>
      newMachine(spec, { seed, index }, attempts, (attempt, answered) => {
        this.#noteEnd(index, attempt, answered);
        onEnded(attempt, answered);
      }),
    );
  }

  /** The attempt reaches its server. `failing`: the server answers at once, with an error. */
  arrive(attempt: number, now: Millis): "taken" | "refused" | "failing" {
    const index = this.#attempts.server[attempt]!;
    const machine = this.machines[index]!;
    const { model, spec } = machine;
    if (machine.failsAfterMs !== undefined && model.up) return "failing";
    if (spec.work !== undefined) this.#attempts.workMs[attempt] = drawWorkMs(spec.work, machine.service);
    if (!model.arrive(attempt, now)) return "refused";
    this.#attempts.stage[attempt] = Stage.serving;
    this.#attempts.reachedAt[attempt] = now;
    this.#attempts.openAtArrival[attempt] = model.open;
    this.replan(index, now);
    return "taken";
  }

  /** Something is due at a server; `plan` says whether still. */
  due(index: number, plan: number, now: Millis): void {
    const machine = this.machines[index]!;
    if (machine.plan !== plan) return;
    machine.plannedAt = Infinity;
    machine.model.advance(now);
    this.replan(index, now);
  }

  /** The client of an attempt that is being served has gone. */
  cancel(attempt: number, now: Millis): void {
    const index = this.#attempts.server[attempt]!;
    this.machines[index]!.model.cancel(attempt, now);
    this.replan(index, now);
  }

  /** To be called after every change of a server: schedules what it has to do next. */
  replan(index: number, now: Millis): void {
    const machine = this.machines[index]!;
    const { dueAt: at, owed } = machine.model;
    this.owed += owed - this.#owedBy[index]!;
    this.#owedBy[index] = owed;
    this.touched.push(index);
    if (at === machine.plannedAt) return;
    machine.plannedAt = at;
    machine.plan++;
    if (at < Infinity) this.#queue.push(Math.max(at, now), Kind.due, index, machine.plan);
  }

  #noteEnd(index: number, attempt: number, answered: boolean): void {
    if (!answered) return;
    const machine = this.machines[index]!;
    machine.answered++;
    const { reachedAt, openAtArrival } = this.#attempts;
    machine.latencies.recordLatency(openAtArrival[attempt]!, this.#queue.at - reachedAt[attempt]!);
  }
}

function newMachine(
  spec: ServerSpec,
  { seed, index }: { readonly seed: number; readonly index: number },
  attempts: Attempts,
  onEnded: OnEnded,
): Machine {
  const service = serverStream(seed, index, "service");
  const { model, speed } = spec;
  const sharing = model.kind === "sharing";
  return {
    spec,
    model: sharing
      ? new SharingServer({ cores: model.cores, speed }, attempts, onEnded)
      : new SlotsServer(model, speed, attempts, onEnded, service),
    latencies: new LatencyBook(),
    cores: sharing ? model.cores : slotsOf(model),
    service,
    failsAfterMs: undefined,
    plan: 0,
    plannedAt: Infinity,
    answered: 0,
  };
}
