/**
 * One run: a scenario, a strategy, a load and a seed, and nothing else, decide every number that comes out. Time
 * passes from event to event; the clock of the machine is never read.
 */
import type { Random } from "../../core/model/random.ts";
import type { Millis } from "../../core/model/upstream.ts";
import { arrivalProcess, type NextArrival } from "../scenario/arrivals.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { Fleet, type Machine } from "../servers/fleet.ts";
import type { Ground, Strategy } from "../strategies/strategy.ts";
import { moneySpent } from "./bill.ts";
import { fluidShare } from "./burst-figures.ts";
import { dispatcherDraw, type NextDispatcher } from "./dispatchers.ts";
import { EventQueue } from "./event-queue.ts";
import { Kind } from "./events.ts";
import { Health } from "./health.ts";
import { BrokenInvariant, Invariants, type RunId } from "./invariants.ts";
import type { Row } from "./results.ts";
import { hasLimits, Slots } from "./slots.ts";
import { stream } from "./streams.ts";
import { Surroundings } from "./surroundings.ts";
import { Traffic } from "./traffic.ts";

/** How long requests go on arriving after the last one that is measured, so that it does not find an empty fleet. */
const longestAfterMs = 5000;

export type MakeStrategy = (ground: Ground) => Strategy;

export class Simulation implements Ground {
  readonly scenario: Scenario;
  readonly health: Health;
  readonly machines: readonly Machine[];
  readonly random: Random;
  readonly #id: RunId;
  readonly #queue = new EventQueue();
  readonly #traffic: Traffic;
  readonly #fleet: Fleet;
  readonly #slots: Slots | undefined;
  readonly #surroundings: Surroundings;
  readonly #strategy: Strategy;
  readonly #invariants: Invariants;
  readonly #nextArrival: NextArrival;
  readonly #nextDispatcher: NextDispatcher;
  readonly #network: Random;
  readonly #measuredUntil: Millis;
  readonly #arrivalsUntil: Millis;
  #now: Millis = 0;
  events = 0;

  constructor(scenario: Scenario, run: Omit<RunId, "scenario">, makeStrategy: MakeStrategy) {
    const { load, seed } = run;
    this.scenario = scenario;
    this.#id = { scenario: scenario.name, ...run };
    this.health = new Health(scenario);
    this.random = stream(seed, "strategy");
    this.#network = stream(seed, "network");
    this.#traffic = new Traffic(scenario, this.#queue, stream(seed, "sizes"));
    const { attempts, onServerEnded } = this.#traffic;
    this.#fleet = new Fleet(scenario, seed, attempts, this.#queue, onServerEnded);
    this.machines = this.#fleet.machines;
    this.#slots = hasLimits(scenario) ? new Slots(this.#fleet, scenario) : undefined;
    this.#surroundings = new Surroundings(scenario, run, {
      fleet: this.#fleet,
      health: this.health,
      queue: this.#queue,
      arrived: () => this.arrived,
      killDispatcher: (dispatcher, now) => {
        this.#traffic.killDispatcher(dispatcher, now);
        this.#strategy.died?.(dispatcher);
      },
    });
    this.#strategy = makeStrategy(this);
    this.#traffic.connect(this.#fleet, this.#strategy, this.#slots);
    this.#invariants = new Invariants(this.#traffic, this.#fleet, this.#strategy);
    const perMs = (scenario.ratePerSecond * load) / 1000;
    this.#nextArrival = arrivalProcess(scenario.arrivals, perMs, stream(seed, "arrivals"));
    this.#nextDispatcher = dispatcherDraw(scenario.dispatchers, stream(seed, "dispatchers"));
    this.#measuredUntil = scenario.warmupMs + scenario.measureMs;
    this.#arrivalsUntil = this.#measuredUntil + Math.min(scenario.requests.timeoutMs, longestAfterMs);
    this.#surroundings.begin(this.#strategy);
    this.#strategy.begin?.();
    this.#queue.push(this.#nextArrival(0), Kind.arrival);
  }

  /**
   * Goes on for at most so many events.
   * @returns whether the run is over: all measured requests have ended.
   * @throws {BrokenInvariant} with what is needed to replay the run; whatever a strategy throws is its cause.
   */
  run(mostEvents: number): boolean {
    let broken: string | undefined;
    let cause: unknown;
    try {
      for (let count = 0; count < mostEvents && broken === undefined; count++) {
        if (this.#now >= this.#measuredUntil && this.#traffic.measuring === 0) return true;
        if (!this.#step()) return true;
        this.events++;
        this.#slots?.updateUse(this.#now);
        this.#traffic.burst?.sampleInstances(this.#instances, this.#now);
        broken = this.#invariants.broken(this.#now);
      }
    } catch (error) {
      broken = String(error);
      cause = error;
    }
    if (broken !== undefined) throw new BrokenInvariant(this.#id, this.#now, broken, { cause });
    return false;
  }

  /** How much of the run's time has passed, 0–1. */
  get progress(): number {
    return Math.min(1, this.#now / this.#measuredUntil);
  }

  /** Requests so far, measured or not. */
  get arrived(): number {
    return this.#traffic.arrived;
  }

  /** The result, once the run is over. */
  row(): Row {
    const cost = moneySpent(this.scenario, {
      attempts: this.#traffic.measuredAttempts,
      serverMs: this.#surroundings.serverMs(),
    });
    return {
      ...this.#traffic.results.row(this.#id),
      ...(cost !== undefined && { cost }),
      ...(this.#slots !== undefined && { slots: this.#slots.figures() }),
      ...this.#burstFigures(),
    };
  }

  #burstFigures(): Pick<Row, "burst"> {
    const { burst } = this.#traffic;
    if (burst === undefined) return {};
    const of = {
      fluidShare: fluidShare(this.scenario, this.#id.load),
      transitions: this.#strategy.burstTransitions ?? 0,
    };
    return { burst: burst.figures(of, this.#surroundings.serverMs()) };
  }

  readonly #instances = (): number => this.pools.slice(1).reduce((sum, { length }) => sum + length, 0);

  /** The mean latency of what has been measured. */
  get meanMs(): Millis {
    return this.#traffic.results.meanMs;
  }

  #step(): boolean {
    const { timeouts, attemptTimeouts } = this.#traffic;
    const { nextAt } = this.#queue;
    if (timeouts.nextAt < nextAt && timeouts.nextAt <= attemptTimeouts.nextAt) {
      this.#now = timeouts.nextAt;
      this.#traffic.timeOut(this.#now);
      return true;
    }
    if (attemptTimeouts.nextAt < nextAt) {
      this.#now = attemptTimeouts.nextAt;
      this.#traffic.timeOutAttempt(this.#now);
      return true;
    }
    if (!this.#queue.pop()) return false;
    this.#now = this.#queue.at;
    this.#happen(this.#queue.kind, this.#queue.first, this.#queue.second);
    return true;
  }

  #happen(kind: number, first: number, second: number): void {
    switch (kind) {
      case Kind.arrival:
        return this.#arrive();
      case Kind.reach:
        return this.#traffic.reach(first, this.#now);
      case Kind.due:
        return this.#fleet.due(first, second, this.#now);
      case Kind.answer:
        return this.#traffic.answer(first, this.#now);
      default:
        if (kind >= Kind.strategy) this.#strategy.timer?.(kind - Kind.strategy, first, second);
        else this.#surroundings.happen(kind, first, second, this.#now);
    }
  }

  #arrive(): void {
    const { warmupMs } = this.scenario;
    const measured = this.#now >= warmupMs && this.#now < this.#measuredUntil;
    this.#traffic.arrive(this.#nextDispatcher(this.#now), measured, this.#now);
    const next = this.#nextArrival(this.#now);
    if (next < this.#arrivalsUntil) this.#queue.push(next, Kind.arrival);
  }

  // The ground that the strategy stands on.

  get now(): Millis {
    return this.#now;
  }

  get coordinatorIsUp(): boolean {
    return this.#surroundings.coordinatorIsUp;
  }

  get coordinatorRestarts(): number {
    return this.#surroundings.coordinatorRestarts;
  }

  noteMessage(object: number): void {
    this.#slots?.message(object, this.#now);
  }

  noteRows(rows: number): void {
    this.#slots?.wrote(rows, this.#now);
  }

  get pools(): readonly (readonly number[])[] {
    return this.#surroundings.pools;
  }

  order(pool: number, servers: number): void {
    this.#surroundings.order(pool, servers, this.#now);
  }

  send(request: number, server: number, delayMs: Millis = 0): void {
    this.#traffic.send(request, server, delayMs, this.#now);
  }

  refuse(request: number): void {
    this.#traffic.refuse(request);
  }

  serveAtOnce(request: number): void {
    this.#traffic.serveAtOnce(request);
  }

  stampOf(request: number): number {
    return this.#traffic.requests.stamp[request]!;
  }

  isWaiting(request: number, stamp: number): boolean {
    return this.#traffic.requests.stamp[request] === stamp && this.#traffic.requests.attempt[request] === -1;
  }

  dispatcherOf(request: number): number {
    return this.#traffic.requests.dispatcher[request]!;
  }

  hasTried(request: number, server: number): boolean {
    return this.#traffic.requests.hasTried(request, server);
  }

  isRetry(request: number): boolean {
    return this.#traffic.requests.tries[request]! > 0;
  }

  after(delayMs: Millis, code: number, first = 0, second = 0): void {
    this.#queue.push(this.#now + delayMs, Kind.strategy + code, first, second);
  }

  isLost(): boolean {
    return this.#surroundings.lostShare > 0 && this.#network.next() < this.#surroundings.lostShare;
  }
}
