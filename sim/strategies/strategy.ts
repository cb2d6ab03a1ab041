/**
 * What a strategy is: a balancing rule together with where it runs and what it can know there. The engine brings it
 * requests, each at a dispatcher, and tells it how attempts end; it sees nothing else of the world but what it
 * measures or asks for through the `Ground`, with the delays of a network.
 */
import type { Random } from "../../core/model/random.ts";
import type { Millis } from "../../core/model/upstream.ts";
import type { Crew } from "../engine/growing-pools.ts";
import type { Health } from "../engine/health.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Machine } from "../servers/fleet.ts";

/** How an attempt ended. `lost`: its connection was refused or broken. `abandoned`: the client went away. */
export type Ending = "ok" | "failed" | "lost" | "timed-out" | "abandoned";

export interface AttemptEnd {
  readonly request: number;
  readonly dispatcher: number;
  readonly server: number;
  readonly ending: Ending;
  /** From sending the attempt to its end, as its dispatcher sees it. */
  readonly latencyMs: Millis;
}

/** What a strategy may see and do. */
export interface Ground {
  readonly scenario: Scenario;
  readonly now: Millis;
  /** The strategy's own stream. */
  readonly random: Random;
  /** For what a server itself knows and says when it is asked. */
  readonly machines: readonly Machine[];
  readonly health: Health;
  readonly coordinatorIsUp: boolean;
  /** How often the coordinator has come back without its memory. */
  readonly coordinatorRestarts: number;
  /** The servers of each pool that are in use, by index. */
  readonly pools: readonly (readonly number[])[];
  /** A strategy whose sizing is `ordered` wants the pool to have so many servers. */
  order(pool: number, servers: number): void;
  /** Sends the request to the server, after `delayMs` for the way that the decision takes. */
  send(request: number, server: number, delayMs?: Millis): void;
  /** There is nowhere to send the request to. */
  refuse(request: number): void;
  /** Serves the request as fast as nothing in this scenario could: the floor. */
  serveAtOnce(request: number): void;
  /** A request's stamp, to be handed to `isWaiting` later. */
  stampOf(request: number): number;
  /** Whether the request is still there, and still without a server. */
  isWaiting(request: number, stamp: number): boolean;
  dispatcherOf(request: number): number;
  hasTried(request: number, server: number): boolean;
  isRetry(request: number): boolean;
  /** Calls `timer` with these numbers after so long. */
  after(delayMs: Millis, code: number, first?: number, second?: number): void;
  /** Whether a message is lost on its way. */
  isLost(): boolean;
  /** To be called when a message reaches a coordinator: 0 for the one there is, or the root; from 1 those of the regions. */
  noteMessage(object: number): void;
  /** To be called when a coordinator persists rows. */
  noteRows(rows: number): void;
}

export interface Strategy extends Crew {
  /** To schedule what it does by itself. */
  begin?(): void;
  /** The request needs a server: to be answered by `send` or `refuse`, now or later. */
  route(request: number): void;
  /** A second attempt wants to start: counted and allowed, or not. */
  mayRetry(request: number): boolean;
  recordEnd(end: AttemptEnd): void;
  /** The dispatcher dies, and with it all that is open there; another one takes its place. */
  died?(dispatcher: number): void;
  timer?(code: number, first: number, second: number): void;
  /** How often it has begun or ended a burst; absent: it does not watch for any. */
  readonly burstTransitions?: number;
  /** What does not hold but must, in words. Asked after every event, so to be cheap. */
  check?(): string | undefined;
}
