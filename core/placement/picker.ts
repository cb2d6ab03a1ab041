/**
 * The pick: which origin serves a request. Bound sessions first, then the pools in order, then the policy
 * among those that are eligible. Reads the state through functions and changes none of it, but for the turns
 * that a policy counts.
 */
import type { OriginsNow } from "../model/origin-status.ts";
import type { Random } from "../model/random.ts";
import type { OriginName, PoolName, Upstream } from "../model/upstream.ts";
import type { SpillReason, GrantedPick, OverBudget, Pin, Want } from "../protocol/pick.ts";
import type { SessionReturn } from "../protocol/lease.ts";
import type { Elsewhere } from "../queue/wait-rule.ts";
import { Balancers } from "../selection/balancers.ts";
import { obstacle, type RequestDemand } from "../selection/eligible.ts";
import { isComingHome } from "../sessions/session-return.ts";
import { againInMs, placeRequest, type Placement, type PoolBudgets } from "./spill.ts";

/** The state a pick is made from, at one moment. */
export interface PickView extends OriginsNow {
  readonly pinEpochOf: (origin: OriginName) => number;
  /** The sessions that are to come home now; absent: none. */
  readonly sessionReturn?: SessionReturn | undefined;
  /** Absent: no pool has one. */
  readonly budgets?: PoolBudgets;
}

export type PickResult =
  | GrantedPick
  | { readonly kind: "unavailable"; readonly why: "full" | "down" }
  | OverBudget;

export type Waits = (elsewhere: Elsewhere) => boolean;

/** Whether the asking holder has slots of its own on the origin that it does not use, and the ask is to take one of them. */
export type TakesOwn = (origin: OriginName) => boolean;

/** It takes one of its holder's own slots on the origin that its session is bound to. */
export interface OwnSlot {
  readonly kind: "own-slot";
}

/** It waits rather than to go there. */
export interface WaitDecision {
  readonly kind: "wait";
  readonly elsewhere: Elsewhere;
}

export class Picker {
  readonly #upstream: Upstream;
  readonly #balancers: Balancers;

  constructor(upstream: Upstream, balancers: Balancers = new Balancers(upstream)) {
    this.#upstream = upstream;
    this.#balancers = balancers;
  }

  pick(want: Want, view: PickView, random: Random): PickResult;
  pick(want: Want, view: PickView, random: Random, waits: Waits): PickResult | WaitDecision;
  pick(
    want: Want,
    view: PickView,
    random: Random,
    waits: Waits,
    takesOwn: TakesOwn | undefined,
  ): PickResult | WaitDecision | OwnSlot;
  pick(
    want: Want,
    view: PickView,
    random: Random,
    waits?: Waits,
    takesOwn?: TakesOwn,
  ): PickResult | WaitDecision | OwnSlot {
    const home = this.#moveHome(want, view, random);
    if (home?.kind === "granted") return home;
    const tried = new Set([...want.tried, ...(want.unknown ?? [])]);
    const unpaid = view.budgets?.closedTo(want.priority ?? "normal", view.now, want.client) ?? none;
    const bound = want.pin === undefined ? undefined : this.#bound(want.pin, { tried, unpaid }, view);
    if (bound?.kind === "granted") return bound;
    if (bound?.kind === "full" && takesOwn?.(bound.origin) === true) return { kind: "own-slot" };
    let placement = this.#place({ tried, unpaid }, want, view);
    if (placement.kind === "nowhere" && want.reset !== undefined) {
      tried.delete(want.reset);
      placement = this.#place({ tried, unpaid }, want, view);
    }
    const panic = placement.kind === "nowhere" && placement.why === "down" && !this.#anyHealthy(view);
    if (panic) {
      placement = placeRequest(this.#upstream.pools, view.statusOf, { tried, unpaid, panic, care: "bold" });
    }
    const pin = pinOf(bound);
    const binds = this.#upstream.sticky !== undefined && pin !== "elsewhere";
    const elsewhere = elsewhereOf(placement, binds);
    if (elsewhere !== undefined && waits?.(elsewhere) === true) return { kind: "wait", elsewhere };
    return this.#among(placement, { pin, panic, want, view, random });
  }

  /**
   * Where the request goes, best chance first. When a whole pool dies at once, no verdict says so yet, and a retry
   * beside the first dead origin meets the next one: so a request that two origins of a pool have failed leaves that
   * pool, if another one can take it, and any retry goes first where requests are answered at this moment.
   */
  #place(barred: Barred, { tried: failed }: Want, view: PickView): Placement {
    const place = (care: RequestDemand["care"], avoid?: RequestDemand["avoid"]): Placement =>
      placeRequest(this.#upstream.pools, view.statusOf, { ...barred, care, avoid });
    if (failed.length > 1) {
      const elsewhere = place("cautious", this.#failedPools(failed));
      if (elsewhere.kind === "pool") return elsewhere;
    }
    if (failed.length > 0) {
      const careful = place("cautious");
      if (careful.kind === "pool") return careful;
    }
    const wary = place("wary");
    return wary.kind === "pool" ? wary : place("bold");
  }

  #failedPools(failed: readonly OriginName[]): ReadonlySet<PoolName> {
    const pools = this.#upstream.pools.filter(
      ({ origins }) => origins.filter(({ name }) => failed.includes(name)).length > 1,
    );
    return new Set(pools.map(({ name }) => name));
  }

  /** Moves a session home when it is its turn, if there is room; otherwise the session stays where it is for now. Retries move no session. */
  #moveHome(want: Want, view: PickView, random: Random): PickResult | undefined {
    const { pin, tried, unknown = [] } = want;
    const [home] = this.#upstream.pools;
    if (pin === undefined || view.sessionReturn === undefined || home === undefined || tried.length > 0)
      return undefined;
    if (!isComingHome(pin, view.sessionReturn) || home.origins.some(({ name }) => name === pin.origin))
      return undefined;
    const placement = placeRequest([home], view.statusOf, { tried: new Set(unknown) });
    const pick = this.#among(placement, { pin: "moved", panic: false, want, view, random });
    return pick.kind === "granted" ? { ...pick, returned: true } : pick;
  }

  /** The bound origin if it can take the request; else whether the session keeps its pin. */
  #bound(pin: Pin, { tried, unpaid }: Barred, view: PickView): GrantedPick | NotBound {
    const index = this.#upstream.pools.findIndex((pool) =>
      pool.origins.some(({ name }) => name === pin.origin),
    );
    const pool = this.#upstream.pools[index];
    const origin = pool?.origins.find(({ name }) => name === pin.origin);
    const pinEpoch = view.pinEpochOf(pin.origin);
    if (pool === undefined || origin === undefined || pin.epoch !== pinEpoch) return { kind: "moved" };
    const status = view.statusOf(origin.name);
    let reason = obstacle(origin, status, { tried, bound: true });
    // Where no origin is healthy, the probes are more likely wrong, and sessions should stay.
    const panic = reason === "unhealthy" && !this.#anyHealthy(view);
    if (panic) reason = obstacle(origin, status, { tried, bound: true, panic, care: "bold" });
    switch (reason) {
      case undefined: {
        if (unpaid.has(pool.name)) return { kind: "elsewhere" };
        const spill = index === 0 ? undefined : "policy";
        const pick = granted(origin.name, pool.name, pinEpoch, "kept", spill);
        return panic ? { ...pick, panic } : pick;
      }
      case "full":
        return { kind: "full", origin: origin.name };
      case "tried":
      case "failing":
        return { kind: "elsewhere" };
      case "down":
      case "draining":
      case "unhealthy":
        return { kind: "moved" };
    }
  }

  #among(
    placement: Placement,
    facts: { pin: GrantedPick["pin"]; panic: boolean; want: Want; view: PickView; random: Random },
  ): PickResult {
    if (placement.kind === "nowhere") return refusal(placement, facts.want, facts.view);
    const { pool, candidates, spill } = placement;
    const { key, turn } = facts.want;
    const choice =
      candidates.find(({ name }) => name === turn) ??
      this.#balancers
        .policyOf(pool.name)
        ?.select(candidates, { key, random: facts.random, now: facts.view.now });
    if (choice === undefined) return { kind: "unavailable", why: "down" };
    const pinEpoch = facts.view.pinEpochOf(choice.name);
    const pick = granted(choice.name, pool.name, pinEpoch, facts.pin, spill);
    return facts.panic ? { ...pick, panic: true } : pick;
  }

  #anyHealthy(view: PickView): boolean {
    return this.#upstream.pools.some((pool) =>
      pool.origins.some(({ name, weight }) => {
        const { healthy, operator } = view.statusOf(name);
        return weight > 0 && healthy && operator === "up";
      }),
    );
  }
}

const none: ReadonlySet<PoolName> = new Set();

/** What the request must not have. */
interface Barred {
  readonly tried: ReadonlySet<OriginName>;
  readonly unpaid: ReadonlySet<PoolName>;
}

/** Why a session's own origin does not serve it. `full`, `elsewhere`: it stays bound there. */
type NotBound =
  | { readonly kind: "full"; readonly origin: OriginName }
  | { readonly kind: "elsewhere" | "moved" };

/** What becomes of the request's session where its own origin does not serve it; `undefined`: it has none. */
function pinOf(bound: NotBound | undefined): "none" | "elsewhere" | "moved" {
  if (bound === undefined) return "none";
  return bound.kind === "full" ? "elsewhere" : bound.kind;
}

/** Absent: nothing is full, so there is nothing to wait for. */
export function elsewhereOf(placement: Placement, binds: boolean): Elsewhere | undefined {
  const { full } = placement;
  if (full === undefined) return undefined;
  if (placement.kind === "pool") return { full, later: placement.pool, unpaid: undefined, binds };
  return { full, later: undefined, unpaid: placement.why === "budget" ? placement.pool : undefined, binds };
}

function refusal(
  placement: Extract<Placement, { kind: "nowhere" }>,
  { priority = "normal" }: Want,
  { now, budgets }: PickView,
): PickResult {
  const { why } = placement;
  if (why !== "budget") return { kind: "unavailable", why };
  const { name } = placement.pool;
  const renewsInMs = budgets?.of(name)?.renewsInMs(now) ?? 0;
  const isForOthers = budgets?.closedTo(priority, now).has(name) === false;
  return {
    kind: "unavailable",
    why,
    pool: name,
    againInMs: againInMs(placement.isHomeFull, renewsInMs),
    ...(isForOthers && { of: "client" }),
  };
}

function granted(
  origin: OriginName,
  pool: string,
  pinEpoch: number,
  pin: GrantedPick["pin"],
  spill: SpillReason | undefined,
): GrantedPick {
  return { kind: "granted", origin, pool, pinEpoch, pin, ...(spill === undefined ? {} : { spill }) };
}
