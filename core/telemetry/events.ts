/**
 * What Weir has to tell, requests apart: one type for each kind of log line. Parts of the core hand such events out, the Worker and the
 * objects around them log them (`worker/telemetry/log-event.ts`, where `WeirEvent` is their union with the line of a request). The
 * comments are Markdown: `npm run generate` makes the tables of docs/logs.md of them.
 */
import type { BurstState } from "../model/burst-rules.ts";
import type { OperatorOrder } from "../model/operator.ts";
import type { Millis, OriginName, PoolName } from "../model/upstream.ts";
import type { ConfigVersion } from "../protocol/config-section.ts";
import type { MaintenanceOrder } from "../protocol/maintenance.ts";
import type { DrainWait } from "../protocol/origin-view.ts";

/** Of one upstream. */
interface OfUpstream {
  /** the upstream's name */
  readonly upstream: string;
}

/** Something failed that is tried again, or done without. */
interface WithDetail extends OfUpstream {
  /** what the platform or the receiver said */
  readonly detail: string;
}

/** an origin's health changed */
export interface HealthEvent extends OfUpstream {
  readonly event: "health";
  /** the origin's name */
  readonly origin: OriginName;
  /**
   * `healthy`, `unhealthy` (both by probes), `ejected`, or `suspect` (both by traffic; a suspect is one that its pool could not spare, so
   * it is used last). These two have no line at their end: the line of their beginning says when that is
   */
  readonly to: "healthy" | "unhealthy" | "ejected" | "suspect";
  /**
   * by traffic: which rule accused it. `row`: failures in a row; `share`: a notably larger share of its answers failed than of its peers';
   * `clients`: different clients met failures at it, and hardly any at its peers; `slow`: its answers take several times as long
   * (`passive.slow`); `trial`: it failed again when its time was over
   */
  readonly by?: "row" | "share" | "clients" | "slow" | "trial" | undefined;
  /** what was seen last */
  readonly evidence: string;
  /** after a bad probe: what to look at, or to change */
  readonly hint?: string | undefined;
}

/**
 * most origins of a pool fail as one isolate or region sees them, while the others find them well: the way from there is what fails, so what
 * it tells of failures ejects nothing. Once for each, as long as that lasts
 */
export interface WordSetAsideEvent extends OfUpstream {
  readonly event: "word-set-aside";
  /** the isolate or region */
  readonly holder: string;
  /** the pool */
  readonly pool: PoolName;
  /** the origins that fail as it sees them */
  readonly origins: readonly OriginName[];
}

/** a login that cannot be kept apart was taken off */
export interface LoginRefusedEvent extends OfUpstream {
  readonly event: "login-refused";
  /** the origin's name */
  readonly origin: OriginName;
  /** `ntlm` or `negotiate` */
  readonly scheme: "ntlm" | "negotiate";
  /** why no connection can be kept for one client */
  readonly why: string;
}

/** requests to an origin have a connection each */
export interface ConnectionEvent extends OfUpstream {
  readonly event: "connection";
  /** the origin's name */
  readonly origin: OriginName;
  /** `each`: a connection for each request */
  readonly way: "each";
  /** what the origin was found to do */
  readonly why: string;
}

/** an upstream has begun or ended a burst */
export interface BurstEvent extends OfUpstream {
  readonly event: "burst";
  /** `home`, `bursting` or `returning` */
  readonly from: BurstState;
  /** the state from now on, one of the same three */
  readonly to: BurstState;
  /** which value passed which threshold, and for how long; several are separated by semicolons */
  readonly evidence: string;
}

/** what home can do was found out */
export interface CapacityEvent extends OfUpstream {
  readonly event: "capacity";
  /**
   * for each origin of home: `limit`, the open requests that it can have (the whole part counts); `unhurriedMs`, what an answer takes that
   * does not wait for others; `measuredMs`, when that was measured last, in milliseconds since 1970 (absent: never)
   */
  readonly origins: Readonly<Record<OriginName, FoundCapacity>>;
}

interface FoundCapacity {
  readonly limit: number;
  readonly unhurriedMs?: Millis;
  readonly measuredMs?: Millis;
}

/** an origin has registered itself, or goes */
export interface MemberEvent extends OfUpstream {
  readonly event: "member";
  /** the origin's name */
  readonly origin: OriginName;
  /** the pool that it is in */
  readonly pool: PoolName;
  /** `joined`, `draining` (it takes no new requests), `gone` */
  readonly to: "joined" | "draining" | "gone";
  /** why it goes: `goodbye` (it said so), `silent` (three heartbeats missed), or `config` (the config does not take it any more) */
  readonly why?: "goodbye" | "silent" | "config";
}

/** money is spent */
export interface BudgetEvent extends OfUpstream {
  readonly event: "budget";
  /** the pool that has the budget */
  readonly pool: PoolName;
  /** which limit: `requests` or `money` */
  readonly of: "requests" | "money";
  /** `hour` for requests, `day` for money */
  readonly per: "hour" | "day";
  /**
   * `warning`: 80 % is spent; `used-up`: not one more request fits in; `renewed`: a new hour, or day, has begun, and something had been
   * spent in the one before. It comes with the next message or look at the state
   */
  readonly state: "warning" | "used-up" | "renewed";
  /**
   * in requests, or in your currency; of `renewed`: what the period that has ended spent, perhaps a little more than it did if the object
   * was restarted in it
   */
  readonly spent: number;
  /** in requests, or in your currency */
  readonly limit: number;
}

/** an order was carried out */
export interface OperatorEvent extends OfUpstream {
  readonly event: "operator";
  /** the origin's name */
  readonly origin: OriginName;
  /** `drain`, `down`, or `undrain` and `up`, which are the same order ([what they do](api.md#orders)) */
  readonly order: OperatorOrder;
}

/** an order that puts a route in maintenance, or ends that, was carried out, or its time is over */
export interface MaintenanceEvent {
  readonly event: "maintenance";
  /** the route's name */
  readonly route: string;
  /** `on`, `off`, or `over`: the order ended by itself. The object of the orders sees that when it is asked next, which is at once where there is traffic */
  readonly order: MaintenanceOrder | "over";
  /** when it ends by itself, in milliseconds since 1970 */
  readonly untilMs?: Millis | undefined;
}

/** what has come of an order to take an origin out */
export interface DrainEvent extends OfUpstream {
  readonly event: "drain";
  /** the origin's name */
  readonly origin: OriginName;
  /**
   * `safe-to-stop`: once for each order, when the server can be [stopped](api.md#taking-a-server-out); `waiting`: after 10 s, then whenever
   * twice as much has passed
   */
  readonly state: "waiting" | "safe-to-stop";
  /** since the order */
  readonly afterMs: Millis;
  /** requests that may be open there */
  readonly stillOpen: number;
  /** [what is in the way](api.md#what-a-drain-waits-for), at most ten of many */
  readonly waitingFor?: readonly DrainWait[];
}

/** instances were ordered */
export interface ScaleEvent extends OfUpstream {
  readonly event: "scale";
  /** the pool that is to have them */
  readonly pool: PoolName;
  /** how many it is to have */
  readonly instances: number;
  /** the number of the order; it grows by one with each */
  readonly nth: number;
  /** [what the order goes by](bursting.md#growing-the-cloud): `demand`, `homeSlots`, `serviceMs` */
  readonly evidence: ScaleEvidence;
}

/** What an order goes by. */
export interface ScaleEvidence {
  /** Requests a second, expected when an instance that is asked for now is ready. */
  readonly demand: number;
  /** Slots of home's origins that serve. */
  readonly homeSlots: number;
  /** What a request takes on average; 0: none was measured. */
  readonly serviceMs: Millis;
}

/**
 * the config cannot be used where it runs; nothing is served (from an object: it keeps the config that it had). Usually a secret that was
 * not set
 */
export interface ConfigRefusedEvent {
  readonly event: "config-refused";
  /** from an object: the upstream */
  readonly upstream?: string;
  /** from an object: the version of the config that it refused */
  readonly version?: ConfigVersion;
  /** what is wrong, as `weir check` prints it */
  readonly issues: string;
}

/**
 * an isolate wrote to the upstream's object, or to its region's, and got no answer (`no answer in 250 ms`, of time in which the isolate
 * ran, or the platform's error). A request that asked goes on without it, by what the isolate was told last
 * ([coordination](coordination.md#what-a-partition-costs)). A few at a deployment are normal; many mean that the object is overloaded: [how
 * much one upstream carries](deploying.md#what-the-platform-refuses)
 */
export interface ExchangeLostEvent extends WithDetail {
  readonly event: "exchange-lost";
}

/**
 * a region's object got no answer from the upstream's own in time. It goes on with what it was lent, for ten seconds at most; after that
 * isolates go on without it
 */
export interface RootLostEvent extends WithDetail {
  readonly event: "root-lost";
}

/**
 * a client was refused. Its first, tenth, hundredth … refusal has a line, as each isolate counts them, and an isolate writes 30 of them a
 * minute at most. What was presented is never logged
 */
export interface AccessDeniedEvent {
  readonly event: "access-denied";
  /** `api` or `registration` */
  readonly wanted: "api" | "registration";
  /**
   * `no-token`, `wrong-token`, `too-many` (not even looked at), `no-token-set`, `token-set-too-short`; of a registration `no-signature`,
   * `bad-signature`, `stale`
   */
  readonly why:
    | "no-token"
    | "wrong-token"
    | "too-many"
    | "no-token-set"
    | "token-set-too-short"
    | "no-signature"
    | "bad-signature"
    | "stale";
  /** the client's address */
  readonly client: string;
  /** how often this client was refused, as the isolate counts */
  readonly count: number;
  /** how many lines were left out before this one */
  readonly unlogged?: number;
}

/** the prober stopped: no deployment has asked for it for a quarter of an hour */
export interface ProbesEndedEvent extends OfUpstream {
  readonly event: "probes-ended";
}

/**
 * the minute's watchdog found that no round of probes had ended for over two intervals, and probed itself. If it comes back every minute,
 * the prober does not run
 */
export interface ProbesStaleEvent extends OfUpstream {
  readonly event: "probes-stale";
  /** when the last round ended; `null`: there never was one, as in the first minute of a first deployment */
  readonly lastEndedMs: Millis | null;
}

/** the autoscaler did not accept the order; it is sent again */
export interface ScaleFailedEvent extends WithDetail {
  readonly event: "scale-failed";
  /** the number of the order */
  readonly nth: number;
}

/**
 * an isolate runs an older configuration than the object has. A few at a deployment are normal; after a roll-back:
 * [deploying.md](deploying.md)
 */
export interface ConfigOlderEvent extends OfUpstream {
  readonly event: "config-older";
  /** the version that the isolate has */
  readonly version: ConfigVersion;
  /** the version that the object keeps */
  readonly keeps: ConfigVersion;
}

/** the watchdog, or the upstream's object, could not reach the prober */
export interface ProberLostEvent extends WithDetail {
  readonly event: "prober-lost";
}

/**
 * an object of a role could not be reached: `limits:3` has a part of the keys of `rateLimits`, for which each isolate goes on by itself, or refuses
 * all requests, as `onFailure` says; `maintenance:fleet` has the orders of maintenance, of which each isolate keeps those that it knows. Once for each isolate, until the object answers again
 */
export interface RoleLostEvent {
  readonly event: "role-lost";
  /** the object: its role and its part */
  readonly object: string;
  /** what the platform said */
  readonly detail: string;
}

/** a fault of a role in its object: a call failed, or what is known could not be stored. The object goes on from its memory. Please report it */
export interface RoleFailedEvent {
  readonly event: "role-failed";
  /** the object: its role and its part */
  readonly object: string;
  /** what was thrown */
  readonly detail: string;
}

/** the watchdog could not deliver what it probed */
export interface WatchdogFailedEvent extends WithDetail {
  readonly event: "watchdog-failed";
}

/** the prober could not deliver a round. The next one is armed all the same */
export interface ProbeRoundFailedEvent extends WithDetail {
  readonly event: "probe-round-failed";
}

/** The keys of an issuer of tokens could not be fetched; those that are known go on to be used for `keepKeys`. They are tried again after 10 s, and later after 5 minutes. */
export interface KeysNotFetchedEvent {
  readonly event: "keys-not-fetched";
  /** who issues the tokens: `issuer` of the route's `jwt` */
  readonly issuer: string;
  /** what went wrong */
  readonly detail: string;
}

/** a fault of Weir's own in one action of a route. The request went on without it, or got `500` where the action guards the route. Please report it */
export interface FilterFailedEvent {
  readonly event: "filter-failed";
  /** the request's id */
  readonly requestId: string;
  /** the route's name */
  readonly route: string;
  /** the option of the route or its upstream, such as `https` */
  readonly filter: string;
  /** when: `onRequest`, `onReady`, `onRefusal`, `onResponse`, `onSend` or `onEnd` */
  readonly phase: "onRequest" | "onReady" | "onRefusal" | "onResponse" | "onSend" | "onEnd";
  /** where in the code */
  readonly detail: string;
}

/** a fault of Weir's own; the client got `500` with this id. Please report it */
export interface InternalErrorEvent {
  readonly event: "internal-error";
  /** the request's id */
  readonly requestId: string;
  /** where in the code */
  readonly detail: string;
}

/** Each of them. */
export type NotableEvent =
  | HealthEvent
  | WordSetAsideEvent
  | LoginRefusedEvent
  | ConnectionEvent
  | BurstEvent
  | CapacityEvent
  | MemberEvent
  | BudgetEvent
  | OperatorEvent
  | MaintenanceEvent
  | DrainEvent
  | ScaleEvent
  | ConfigRefusedEvent
  | ExchangeLostEvent
  | RootLostEvent
  | AccessDeniedEvent
  | ProbesEndedEvent
  | ProbesStaleEvent
  | ScaleFailedEvent
  | ConfigOlderEvent
  | ProberLostEvent
  | RoleLostEvent
  | RoleFailedEvent
  | WatchdogFailedEvent
  | ProbeRoundFailedEvent
  | FilterFailedEvent
  | KeysNotFetchedEvent
  | InternalErrorEvent;

/** What a part that knows nothing of the upstream says of an event: all but its kind and the upstream. */
export type Notice<Event extends NotableEvent> = Omit<Event, "event" | "upstream">;
