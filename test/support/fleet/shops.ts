/** The upstreams that fleets are tried with: each way to pick, with nowhere to go but home, and with somewhere. */
import type { Coordination, OnCoordinatorLoss, Pool, Upstream } from "../../../core/model/upstream.ts";
import { leaseTuning, type LeaseTuning } from "../../../core/leasing/tuning.ts";
import { origin, pool, upstream } from "../upstream.ts";

/** Room enough for leases, little enough to be full often. */
const home = pool("home", [origin("a", { maxConns: 6 }), origin("b", { maxConns: 9 })]);
/** Room enough that `auto` leases it to several. */
const large = pool("home", [origin("a", { maxConns: 16 }), origin("b", { maxConns: 24 })]);
const cloud = pool("cloud", [origin("c")]);

/** Sessions are bound to origins, and a drained one goes on taking their requests. */
const sticky = { cookie: "weir", ttlMs: 3_600_000, idleMs: 600_000, path: "/", homecoming: true };

const alone = (coordination: Coordination, onCoordinatorLoss: OnCoordinatorLoss, only = home): Upstream =>
  upstream({ coordination, onCoordinatorLoss, pools: [only], sticky });

const withCloud = (coordination: Coordination): Upstream =>
  upstream({ coordination, onCoordinatorLoss: "exceed", pools: [home, cloud] });

/** With so little room that the queue is used, and is full at times. */
const queueing = (coordination: Coordination, pools: readonly Pool[]): Upstream =>
  upstream({
    coordination,
    onCoordinatorLoss: pools.length > 1 ? "exceed" : "refuse",
    pools: pools.map((pool) => ({ ...pool, priceMs: 1_000 })),
    queue: { length: 5, timeoutMs: 4_000, priority: "normal" },
  });

const small = pool("home", [origin("a", { maxConns: 2 }), origin("b", { maxConns: 2 })]);

/** By name, as failures say it. */
export const shops = {
  "strict-refuse": alone("strict", "refuse"),
  "leased-refuse": alone("leased", "refuse"),
  "auto-refuse": alone("auto", "refuse"),
  "strict-exceed": alone("strict", "exceed"),
  "leased-exceed": alone("leased", "exceed"),
  "auto-exceed": alone("auto", "exceed"),
  "strict-cloud": withCloud("strict"),
  "leased-cloud": withCloud("leased"),
  "auto-cloud": withCloud("auto"),
  "strict-queue": queueing("strict", [small]),
  "leased-queue": queueing("leased", [small]),
  "auto-queue": queueing("auto", [small]),
  "leased-queue-cloud": queueing("leased", [small, cloud]),
  "auto-large": alone("auto", "refuse", large),
  "leased-unlimited": upstream({
    coordination: "leased",
    onCoordinatorLoss: "refuse",
    pools: [pool("home", [origin("a"), origin("b")])],
  }),
} as const satisfies Record<string, Upstream>;

/**
 * Where holders are to be leased they are so although slots are few, which takes more than 250 requests a second; and where there
 * is a pause between requests they ask, so that they go from one to the other.
 */
export function tuningOf({ coordination }: Upstream): LeaseTuning {
  return coordination === "leased" ? { ...leaseTuning, askedUpTo: 0.5 } : leaseTuning;
}

export type ShopName = keyof typeof shops;

export const shopNames = Object.keys(shops) as ShopName[];
