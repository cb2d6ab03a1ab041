/**
 * Weir as it ships: every dispatcher is an isolate with core's `Leaseholder`, the coordinator is core's `Coordinator`, as
 * are those of the regions between them, if there are any, and what goes back and forth are the messages of
 * `core/protocol/exchange.ts`. A coordinator that is down hears none, and comes back with what it has saved.
 */
import type { Answer } from "../../../../core/holder/answer.ts";
import type { Slot } from "../../../../core/holder/open-slots.ts";
import type { LeaseTuning } from "../../../../core/leasing/tuning.ts";
import type { Random } from "../../../../core/model/random.ts";
import type { Millis, OriginName, PoolName, Upstream } from "../../../../core/model/upstream.ts";
import type { AskName, Want } from "../../../../core/protocol/pick.ts";
import type { ExchangeMessage } from "../../../../core/protocol/exchange.ts";
import type { Outcome } from "../../../../core/protocol/outcome.ts";
import { regionOfDispatchers } from "../../../engine/dispatchers.ts";
import type { Sizing } from "../../../engine/growing-pools.ts";
import type { RegionSpec } from "../../../scenario/scenario.ts";
import type { AttemptEnd, Ground, Strategy } from "../../strategy.ts";
import { Isolate, type Completions, type World } from "./isolate.ts";
import { Line, type Answers, type OnWaitEnd, type Network } from "./line.ts";
import { UpstreamObject } from "./object.ts";
import { RegionObject } from "./region-object.ts";
import { upstreamOf, type UpstreamOptions } from "./upstream.ts";

const Timer = { action: 0, probes: 1 } as const;

export interface ExchangesOptions extends UpstreamOptions {
  readonly completions?: Completions;
  /** Absent: what ships. */
  readonly tuning?: LeaseTuning;
}

export class Exchanges implements Strategy, World, Network {
  readonly random: Random;
  readonly #ground: Ground;
  readonly #options: ExchangesOptions;
  readonly #upstream: Upstream;
  /** The upstream's own object: the root, where there are regions. */
  readonly #object: UpstreamObject;
  /** By dispatcher: to the object that it asks. */
  readonly #lines: readonly Line[];
  readonly #isolates: Isolate[];
  readonly #serverOf: ReadonlyMap<OriginName, number>;
  /** By request: what it holds while it is with a server. */
  readonly #slots = new Map<number, Slot>();
  readonly #actions = new Map<number, () => void>();
  #planned = 0;
  #born = 0;
  #restarts = 0;
  #burstTransitions = 0;

  constructor(ground: Ground, options: ExchangesOptions) {
    const { scenario } = ground;
    this.#ground = ground;
    this.#options = options;
    this.random = ground.random;
    this.#upstream = upstreamOf(scenario, options);
    this.#object = new UpstreamObject(this.#upstream, ground.random, {
      ...this.#tuning,
      surroundings: {
        after: (delayMs, action) => this.after(delayMs, action),
        ordered: ({ pool, instances }) => ground.order(this.#poolOf(pool), instances),
        burst: () => this.#burstTransitions++,
      },
    });
    this.#lines = options.regional === true ? this.#linesToRegions() : this.#linesToRoot();
    this.#isolates = this.#lines.map((line) => this.#isolate(line));
    this.#serverOf = new Map(scenario.servers.map(({ name }, server) => [name, server]));
  }

  begin(): void {
    if (this.#ground.scenario.health.active !== undefined) this.#ground.after(0, Timer.probes);
  }

  route(request: number): void {
    const stamp = this.#ground.stampOf(request);
    const isolate = this.#isolates[this.#ground.dispatcherOf(request)]!;
    isolate.pick(this.#wantOf(request), (answer) => this.#applyAnswer(isolate, { request, stamp }, answer));
  }

  /** The fleet's budget is asked with the pick. */
  mayRetry(): boolean {
    return true;
  }

  recordEnd({ request, dispatcher, server, ending, latencyMs }: AttemptEnd): void {
    const slot = this.#slots.get(request);
    if (slot === undefined) throw new TypeError("an attempt ended that had no slot");
    this.#slots.delete(request);
    const origin = this.#ground.scenario.servers[server]!.name;
    const isolate = this.#isolates[dispatcher]!;
    // Each request that is open is another client's.
    const outcome = outcomeOf(origin, ending, latencyMs);
    isolate.close(slot, outcome && { ...outcome, client: request });
    if (ending !== "ok") return;
    for (const failed of this.#tried(request)) {
      if (failed !== origin) isolate.confirm({ origin: failed, ok: false, client: request, confirms: true });
    }
  }

  died(dispatcher: number): void {
    this.#isolates[dispatcher]!.die();
    this.#isolates[dispatcher] = this.#isolate(this.#lines[dispatcher]!);
  }

  get sizing(): Sizing {
    return this.#options.sizing ?? "ordered";
  }

  get burstTransitions(): number {
    return this.#burstTransitions;
  }

  joined(server: number): void {
    this.#operate(server, "undrain");
  }

  left(server: number): void {
    this.#operate(server, "drain");
  }

  timer(code: number, first: number): void {
    if (code === Timer.probes) return this.#probe();
    const action = this.#actions.get(first);
    this.#actions.delete(first);
    action?.();
  }

  // The world of isolates and objects.

  get now(): Millis {
    return this.#ground.now;
  }

  after(delayMs: Millis, action: () => void): void {
    const id = this.#planned++;
    this.#actions.set(id, action);
    this.#ground.after(delayMs, Timer.action, id);
  }

  isLost(): boolean {
    return this.#ground.isLost();
  }

  #linesToRoot(): Line[] {
    const { dispatchers, network } = this.#ground.scenario;
    const line = new Line(this, network.coordinatorRttMs, { receive: this.#atRoot, hold: this.#holdAtRoot });
    return Array.from({ length: dispatchers.count }, () => line);
  }

  #linesToRegions(): Line[] {
    const { regions } = this.#ground.scenario;
    const lines = regions.map((region, index) => {
      const object = this.#region(region, index);
      return new Line(this, region.rttMs, object);
    });
    return regionOfDispatchers(regions).map((region) => lines[region]!);
  }

  #region({ name, rootRttMs }: RegionSpec, index: number): RegionObject {
    const surroundings = {
      after: (delayMs: Millis, action: () => void) => this.after(delayMs, action),
      ordered: () => {},
      burst: () => {},
    };
    const options = { region: name, surroundings, ...this.#tuning };
    const object = new UpstreamObject(this.#upstream, this.random, options);
    const ground = this.#ground;
    return new RegionObject(object, new Line(this, rootRttMs, { receive: this.#atRoot }), {
      get now() {
        return ground.now;
      },
      after: (delayMs, action) => this.after(delayMs, action),
      noteMessage: () => ground.noteMessage(1 + index),
      noteRows: (rows) => ground.noteRows(rows),
    });
  }

  readonly #atRoot = (message: ExchangeMessage, { onReply }: Answers): void => {
    if (!this.#ground.coordinatorIsUp) return;
    this.#noticeRestart();
    const { reply, rows } = this.#object.exchange(message, this.now);
    this.#ground.noteMessage(0);
    this.#ground.noteRows(rows);
    onReply(reply);
  };

  readonly #holdAtRoot = (ask: AskName, onEnd: OnWaitEnd): void => {
    if (this.#ground.coordinatorIsUp) this.#object.hold(ask, onEnd, this.now);
  };

  /** By word of mouth: an instance that registers is known at once, and one that stops says so before. */
  #operate(server: number, order: "drain" | "undrain"): void {
    this.#object.operate(this.#ground.scenario.servers[server]!.name, order, this.now);
  }

  #poolOf(name: PoolName): number {
    return this.#ground.scenario.pools.findIndex((pool) => pool.name === name);
  }

  get #tuning(): { readonly tuning?: LeaseTuning } {
    const { tuning } = this.#options;
    return tuning === undefined ? {} : { tuning };
  }

  #isolate(line: Line): Isolate {
    const { completions } = this.#options;
    const options = { world: this, line, ...(completions && { completions }) };
    return new Isolate(this.#upstream, `isolate-${++this.#born}`, options);
  }

  #wantOf(request: number): Want {
    if (!this.#ground.isRetry(request)) return { tried: [] };
    return { tried: this.#tried(request) };
  }

  #tried(request: number): OriginName[] {
    const { servers } = this.#ground.scenario;
    return servers.flatMap(({ name }, server) => (this.#ground.hasTried(request, server) ? [name] : []));
  }

  #applyAnswer(
    isolate: Isolate,
    { request, stamp }: { request: number; stamp: number },
    answer: Answer,
  ): void {
    const isWaiting = this.#ground.isWaiting(request, stamp);
    if (answer.kind !== "granted") {
      if (isWaiting) this.#ground.refuse(request);
      return;
    }
    if (!isWaiting) return isolate.close(answer.slot);
    this.#slots.set(request, answer.slot);
    this.#ground.send(request, this.#serverOf.get(answer.pick.origin)!);
  }

  #probe(): void {
    this.#ground.after(this.#ground.scenario.health.active?.intervalMs ?? Infinity, Timer.probes);
    if (!this.#ground.coordinatorIsUp) return;
    this.#noticeRestart();
    const results = this.#ground.machines.map(({ spec, model, failsAfterMs }) => ({
      origin: spec.name,
      good: model.up && failsAfterMs === undefined,
      evidence: "",
    }));
    this.#object.probed(results, this.now);
  }

  #noticeRestart(): void {
    if (this.#restarts === this.#ground.coordinatorRestarts) return;
    this.#restarts = this.#ground.coordinatorRestarts;
    this.#object.restart(this.now);
  }
}

function outcomeOf(origin: OriginName, ending: AttemptEnd["ending"], latencyMs: Millis): Outcome | undefined {
  switch (ending) {
    case "ok":
      return { origin, ok: true, headerMs: latencyMs, lastByteMs: latencyMs };
    case "lost":
      return { origin, ok: false, lost: true };
    case "failed":
    case "timed-out":
      return { origin, ok: false };
    case "abandoned":
      return undefined;
  }
}
