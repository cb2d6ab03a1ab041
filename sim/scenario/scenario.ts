/**
 * A scenario: a fleet of dispatchers, what it balances over, and what happens to both. It is data, complete and
 * checked; `parse.ts` makes it from what a person wrote (docs/simulator.md), and says what is wrong with that.
 */
import type { BurstRules } from "../../core/model/burst-rules.ts";
import type { Millis, PassiveHealth, QueueRules } from "../../core/model/upstream.ts";
import type { ServiceTime } from "../../origin-sim/model/service-time.ts";
import type { Antagonist } from "../servers/antagonist.ts";
import type { SlotsSpec } from "../servers/slots-server.ts";

/** How much work a request is, in milliseconds on a core of speed 1. */
export type Work =
  | ServiceTime
  /** One of these, each equally likely. */
  | { readonly kind: "trace"; readonly samplesMs: readonly Millis[] };

export type Arrivals =
  | { readonly kind: "poisson" }
  /** The rate swings by `amplitude` (0–1) around its mean, from the mean up, once every `periodMs`. */
  | { readonly kind: "diurnal"; readonly amplitude: number; readonly periodMs: Millis }
  /** At `atMs` the rate rises within `rampMs` to `peak` times itself, stays for `holdMs`, and falls within `fallMs`. */
  | {
      readonly kind: "flash-crowd";
      readonly atMs: Millis;
      readonly rampMs: Millis;
      readonly holdMs: Millis;
      readonly fallMs: Millis;
      readonly peak: number;
    }
  /** The rate goes in straight lines through these points, and stays as it is before the first and after the last. */
  | { readonly kind: "profile"; readonly points: readonly RatePoint[] }
  /** Requests arrive at these moments, over and over. */
  | { readonly kind: "trace"; readonly timesMs: readonly Millis[] };

/** At a moment the rate is so many times the pattern's own. */
export interface RatePoint {
  readonly atMs: Millis;
  readonly factor: number;
}

export interface ServerSpec {
  readonly name: string;
  /** Index of its pool. */
  readonly pool: number;
  /** Work done by a core in a millisecond, above 0. */
  readonly speed: number;
  /** For policies that go by it, relative, above 0. */
  readonly weight: number;
  readonly maxConns?: number;
  /** Absent: the scenario's. */
  readonly work?: Work;
  readonly model:
    | {
        readonly kind: "sharing";
        /** Guaranteed cores. */
        readonly cores: number;
        /** How many times as many there are while no antagonist is busy, at least 1. */
        readonly spare: number;
        readonly antagonist: Antagonist;
      }
    | ({ readonly kind: "slots" } & SlotsSpec);
}

export interface PoolSpec {
  readonly name: string;
  /** Weir with its exchanges finds out what its servers can have open, `maxConns` at most. */
  readonly capacity?: "auto";
  /** Network time from a dispatcher to a server and back. */
  readonly rttMs: Millis;
  readonly coldStartMs: Millis;
  readonly cost: { readonly perRequest: number; readonly perServerHour: number };
  /** For Weir: what a request costs here, as the time that its user may be kept waiting at home instead. */
  readonly priceMs: Millis;
  /** Absent: all its servers run from the start. */
  readonly scaling?: Scaling;
}

/** A pool that grows and shrinks: servers in use are the first so many of those it has. */
export interface Scaling {
  readonly min: number;
  /** Grows to keep open requests per slot (core) at this. */
  readonly target: number;
  readonly everyMs: Millis;
  /** From the decision to grow to the boot of the new server, whose cold start follows. */
  readonly delayMs: Millis;
  /** A server that is not needed for so long is stopped. */
  readonly idleMs: Millis;
  /** Of Weir's autoscaler: what stands by while home is not enough, as a part of home. */
  readonly reserve: number;
}

export interface RegionSpec {
  readonly name: string;
  /** How many dispatchers are there. */
  readonly dispatchers: number;
  /** From a dispatcher to its region's coordinator and back. */
  readonly rttMs: Millis;
  /** From there to the root, the one coordinator of the fleet, and back. */
  readonly rootRttMs: Millis;
}

/** A part of the run that is looked at by itself. */
export interface BurstWindow {
  readonly fromMs: Millis;
  readonly untilMs: Millis;
  /** A request that is answered later has been answered too late. */
  readonly sloMs: Millis;
}

/** What of Weir's own configuration a scenario sets; its other policies do not look at it. */
export interface WeirRules {
  /** Absent: no request waits. */
  readonly queue?: QueueRules;
  /** Absent: bursts are not watched for. */
  readonly burst?: BurstRules;
}

export type Fault = { readonly atMs: Millis; readonly untilMs: Millis } & (
  | { readonly kind: "slow"; readonly servers: readonly number[]; readonly factor: number }
  /** Every request is answered with an error, after `afterMs` and without any work. */
  | { readonly kind: "fast-failing"; readonly servers: readonly number[]; readonly afterMs: Millis }
  | { readonly kind: "dead"; readonly servers: readonly number[] }
  | { readonly kind: "dead-coordinator" }
  /** This share of the dispatchers dies, 0–1, and others take their places. */
  | { readonly kind: "dead-dispatchers"; readonly share: number }
  /** Of the messages to the coordinator, and between regions, this share is lost, 0–1. */
  | { readonly kind: "lost-reports"; readonly share: number }
);

export interface Network {
  /** From a dispatcher to the one coordinator and back. */
  readonly coordinatorRttMs: Millis;
  /** How often regions, and holders of leased shares, tell and are told. */
  readonly syncMs: Millis;
  /** How old what they are told is when they hear it. */
  readonly syncLagMs: Millis;
  /** How long a dispatcher waits for a coordinator before it goes on without. */
  readonly coordinatorTimeoutMs: Millis;
  /** A probe or poll of a server, there and back, beside the pool's `rttMs`. */
  readonly probeRttMs: Millis;
}

export interface Scenario {
  readonly name: string;
  /** Not measured: the strategies learn. */
  readonly warmupMs: Millis;
  readonly measureMs: Millis;
  readonly loads: readonly number[];
  /** Requests a second at load 1. */
  readonly ratePerSecond: number;
  /** Strategies that are run unless others are named. */
  readonly policies: readonly string[];
  readonly seeds: number;
  readonly dispatchers: {
    readonly count: number;
    /** How unequally requests come to them: the n-th busiest gets a share in proportion to n to the power −zipf. */
    readonly zipf: number;
    /** After so long it is drawn anew which dispatcher is the busiest, and so on; `Infinity`: never. */
    readonly reshuffleMs: Millis;
  };
  /** Where dispatchers are, for strategies with a coordinator in each region; one at least. */
  readonly regions: readonly RegionSpec[];
  readonly network: Network;
  readonly requests: {
    /** `Infinity`: its client waits for ever. */
    readonly timeoutMs: Millis;
    readonly attemptTimeoutMs: Millis;
    /** A server whose client has gone notices, and stops. */
    readonly cancels: boolean;
    readonly retries: { readonly attempts: number; readonly budget: number };
  };
  readonly work: Work;
  readonly arrivals: Arrivals;
  /** Home first. */
  readonly pools: readonly PoolSpec[];
  readonly servers: readonly ServerSpec[];
  readonly health: {
    readonly active?: { readonly intervalMs: Millis; readonly rise: number; readonly fall: number };
    readonly passive?: PassiveHealth;
  };
  readonly faults: readonly Fault[];
  /** Absent: nothing is looked at by itself. */
  readonly burst?: BurstWindow;
  readonly weir: WeirRules;
}
