/**
 * The life of requests: they arrive at a dispatcher, a strategy sends them to a server, the answer comes back, or it
 * does not and they are tried again, fail or time out. Every request ends in exactly one way.
 */
import type { Random } from "../../core/model/random.ts";
import type { Millis } from "../../core/model/upstream.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { drawWorkMs } from "../scenario/work.ts";
import type { Fleet } from "../servers/fleet.ts";
import type { Ending, Strategy } from "../strategies/strategy.ts";
import { Answer, Attempts, Stage } from "./attempts.ts";
import { BurstCount } from "./burst-figures.ts";
import { Deadlines } from "./deadlines.ts";
import type { EventQueue } from "./event-queue.ts";
import { Kind } from "./events.ts";
import { Requests } from "./requests.ts";
import { Results } from "./results.ts";
import type { Slots } from "./slots.ts";

/** In the place of a request or an attempt: there is none (any more). */
const none = -1;

export class Traffic {
  readonly requests = new Requests();
  readonly attempts = new Attempts();
  readonly results = new Results();
  /** Attempts of measured requests, by pool. */
  readonly measuredAttempts: Int32Array;
  /** Absent: the scenario has no burst. */
  readonly burst: BurstCount | undefined;
  readonly timeouts: Deadlines;
  readonly attemptTimeouts: Deadlines;
  readonly #scenario: Scenario;
  readonly #queue: EventQueue;
  readonly #sizes: Random;
  readonly #fastest: number;
  #fleet!: Fleet;
  #strategy!: Strategy;
  #slots: Slots | undefined;
  arrived = 0;
  open = 0;
  served = 0;
  failed = 0;
  timedOut = 0;
  /** Measured requests that are open. */
  measuring = 0;
  /** Attempts that are being served. */
  serving = 0;

  constructor(scenario: Scenario, queue: EventQueue, sizes: Random) {
    this.#scenario = scenario;
    this.#queue = queue;
    this.#sizes = sizes;
    this.#fastest = Math.max(...scenario.servers.map(({ speed }) => speed));
    this.measuredAttempts = new Int32Array(scenario.pools.length);
    this.burst = scenario.burst && new BurstCount(scenario, scenario.burst);
    this.timeouts = new Deadlines(scenario.requests.timeoutMs);
    this.attemptTimeouts = new Deadlines(scenario.requests.attemptTimeoutMs);
  }

  /** To be called once, before anything else: these three know each other. */
  connect(fleet: Fleet, strategy: Strategy, slots: Slots | undefined): void {
    this.#fleet = fleet;
    this.#strategy = strategy;
    this.#slots = slots;
  }

  /** A request arrives at a dispatcher. */
  arrive(dispatcher: number, measured: boolean, now: Millis): void {
    const request = this.requests.begin(dispatcher, drawWorkMs(this.#scenario.work, this.#sizes), now);
    this.requests.measured[request] = Number(measured);
    this.arrived++;
    this.open++;
    if (measured) this.measuring++;
    this.timeouts.begin(request, this.requests.stamp[request]!, now);
    this.#strategy.route(request);
  }

  send(request: number, server: number, delayMs: Millis, now: Millis): void {
    if (this.requests.tries[request] === 0 && this.requests.measured[request] === 1) {
      this.#slots?.sent(server, now + delayMs - this.requests.arrivedAt[request]!);
    }
    const attempt = this.attempts.begin(request, server, this.requests.workMs[request]!);
    this.requests.try(request, server, attempt);
    if (this.requests.measured[request] === 1) this.measuredAttempts[this.#poolOf(attempt)]!++;
    this.attempts.sentAt[attempt] = now + delayMs;
    const { attemptTimeoutMs } = this.#scenario.requests;
    if (attemptTimeoutMs < Infinity) this.attemptTimeouts.begin(attempt, this.attempts.stamp[attempt]!, now);
    const wayMs = delayMs + this.#oneWayMs(attempt);
    if (wayMs > 0) this.#queue.push(now + wayMs, Kind.reach, attempt);
    else this.reach(attempt, now);
  }

  serveAtOnce(request: number): void {
    const floorMs = this.requests.workMs[request]! / this.#fastest;
    this.served++;
    if (this.requests.measured[request] === 1) {
      this.results.serve(floorMs, floorMs, false);
      this.burst?.recordRequest(this.requests.arrivedAt[request]!, floorMs);
    }
    this.#close(request);
  }

  /** The attempt is at its server's door. */
  reach(attempt: number, now: Millis): void {
    const isGone = this.attempts.request[attempt] === none;
    if (isGone && this.#scenario.requests.cancels) return this.attempts.end(attempt);
    const welcome = this.#fleet.arrive(attempt, now);
    if (welcome === "taken") this.serving++;
    else if (welcome === "refused") this.#reply(attempt, Answer.lost, this.#oneWayMs(attempt), now);
    else {
      const { failsAfterMs = 0 } = this.#fleet.machines[this.attempts.server[attempt]!]!;
      this.#reply(attempt, Answer.failed, failsAfterMs + this.#oneWayMs(attempt), now);
    }
  }

  /** A server has ended an attempt. */
  readonly onServerEnded = (attempt: number, answered: boolean): void => {
    this.serving--;
    this.#reply(attempt, answered ? Answer.ok : Answer.lost, this.#oneWayMs(attempt), this.#queue.at);
  };

  /** The answer is at the dispatcher. */
  answer(attempt: number, now: Millis): void {
    const request = this.attempts.request[attempt]!;
    const answer = this.attempts.answer[attempt];
    if (request !== none) {
      this.#tell(attempt, answer === Answer.ok ? "ok" : answer === Answer.lost ? "lost" : "failed", now);
      if (answer === Answer.ok) this.#serve(request, attempt, now);
      else this.#retryOrFail(request);
    }
    this.attempts.end(attempt);
  }

  /** The first request in the row of deadlines has waited as long as it would. */
  timeOut(now: Millis): void {
    this.timeouts.removeFirst();
    const { id: request, stamp } = this.timeouts;
    if (this.requests.stamp[request] !== stamp) return;
    const attempt = this.requests.attempt[request]!;
    if (attempt !== none) this.#abandon(attempt, "abandoned", now);
    this.timedOut++;
    if (this.requests.measured[request] === 1) {
      this.results.timeOut(this.#scenario.requests.timeoutMs, this.#floorMs(request));
      this.burst?.recordRequest(this.requests.arrivedAt[request]!, undefined);
    }
    this.#close(request);
  }

  timeOutAttempt(now: Millis): void {
    this.attemptTimeouts.removeFirst();
    const { id: attempt, stamp } = this.attemptTimeouts;
    if (this.attempts.stamp[attempt] !== stamp) return;
    const request = this.attempts.request[attempt]!;
    if (request === none) return;
    this.#abandon(attempt, "timed-out", now);
    this.#retryOrFail(request);
  }

  refuse(request: number): void {
    this.failed++;
    if (this.requests.measured[request] === 1) {
      this.results.fail(this.#floorMs(request));
      this.burst?.recordRequest(this.requests.arrivedAt[request]!, undefined);
    }
    this.#close(request);
  }

  /** The dispatcher dies. Its clients get no answer; the servers go on with what they have. */
  killDispatcher(dispatcher: number, now: Millis): void {
    for (const request of this.requests.openAt(dispatcher)) {
      const attempt = this.requests.attempt[request]!;
      if (attempt !== none) this.#forsake(attempt, now);
      this.refuse(request);
    }
  }

  #reply(attempt: number, answer: Answer, afterMs: Millis, now: Millis): void {
    this.attempts.answer[attempt] = answer;
    this.attempts.stage[attempt] = Stage.answering;
    if (afterMs > 0) this.#queue.push(now + afterMs, Kind.answer, attempt);
    else this.answer(attempt, now);
  }

  #serve(request: number, attempt: number, now: Millis): void {
    this.served++;
    if (this.requests.measured[request] === 1) {
      const spilled = this.#poolOf(attempt) > 0;
      const arrivedAt = this.requests.arrivedAt[request]!;
      this.results.serve(now - arrivedAt, this.#floorMs(request), spilled);
      this.burst?.recordRequest(arrivedAt, now - arrivedAt);
    }
    this.#close(request);
  }

  #retryOrFail(request: number): void {
    this.requests.attempt[request] = none;
    const { attempts } = this.#scenario.requests.retries;
    if (this.requests.tries[request]! <= attempts && this.#strategy.mayRetry(request)) {
      this.#strategy.route(request);
    } else this.refuse(request);
  }

  /** Its dispatcher does not wait for the attempt any more. Its server may not notice. */
  #abandon(attempt: number, ending: Ending, now: Millis): void {
    this.#tell(attempt, ending, now);
    this.#forsake(attempt, now);
  }

  #forsake(attempt: number, now: Millis): void {
    this.attempts.request[attempt] = none;
    if (this.attempts.stage[attempt] !== Stage.serving || !this.#scenario.requests.cancels) return;
    this.#fleet.cancel(attempt, now);
    this.serving--;
    this.attempts.end(attempt);
  }

  #tell(attempt: number, ending: Ending, now: Millis): void {
    const request = this.attempts.request[attempt]!;
    this.#strategy.recordEnd({
      request,
      dispatcher: this.requests.dispatcher[request]!,
      server: this.attempts.server[attempt]!,
      ending,
      latencyMs: now - this.attempts.sentAt[attempt]!,
    });
  }

  #close(request: number): void {
    this.open--;
    if (this.requests.measured[request] === 1) this.measuring--;
    this.requests.end(request);
  }

  #floorMs(request: number): Millis {
    return this.requests.workMs[request]! / this.#fastest;
  }

  #oneWayMs(attempt: number): Millis {
    return this.#scenario.pools[this.#poolOf(attempt)]!.rttMs / 2;
  }

  #poolOf(attempt: number): number {
    return this.#scenario.servers[this.attempts.server[attempt]!]!.pool;
  }
}
