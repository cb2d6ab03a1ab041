/** Weir's own strategies: `adaptive` in its three ways of coordination, and every other rule of core asked strictly. */
import { leaseTuning, type LeaseTuning } from "../../../core/leasing/tuning.ts";
import type { Policy } from "../../../core/model/upstream.ts";
import type { MakeStrategy } from "../../engine/simulation.ts";
import { Exchanges, type ExchangesOptions } from "./exchanges/exchanges.ts";
import { Leased } from "./leased.ts";
import { Strict } from "./strict.ts";

const adaptive: Policy = { name: "adaptive" };

/** Rules that go by the key of a request are left out: simulated requests have none. */
const rules: readonly Policy[] = [
  { name: "round_robin" },
  { name: "least_conn" },
  { name: "least_time", by: "last_byte", inflight: true },
  { name: "random_two", by: "least_conn" },
  { name: "peak_ewma" },
  { name: "first" },
];

/** Leases with other numbers than those that ship: `weir-leased@500ms`. */
function tuned(name: string, change: Partial<LeaseTuning>): [string, MakeStrategy] {
  const tuning = { ...leaseTuning, ...change };
  const options: ExchangesOptions = { policy: adaptive, coordination: "leased", tuning };
  return [`weir-leased@${name}`, (ground) => new Exchanges(ground, options)];
}

export const weirStrategies: readonly (readonly [string, MakeStrategy])[] = [
  ["adaptive", (ground) => new Strict(ground, adaptive)],
  ["adaptive-regional", (ground) => new Strict(ground, adaptive, ground.scenario.regions)],
  ["adaptive-leased", (ground) => new Leased(ground)],
  ["weir", (ground) => new Exchanges(ground, { policy: adaptive, coordination: "auto" })],
  [
    "weir-regional",
    (ground) => new Exchanges(ground, { policy: adaptive, coordination: "auto", regional: true }),
  ],
  ["weir-strict", (ground) => new Exchanges(ground, { policy: adaptive, coordination: "strict" })],
  [
    "weir-strict-alone",
    (ground) => new Exchanges(ground, { policy: adaptive, coordination: "strict", completions: "alone" }),
  ],
  // Weir's picks and queue beside other ways to size a pool that grows.
  [
    "weir-reactive",
    (ground) => new Exchanges(ground, { policy: adaptive, coordination: "auto", sizing: "arrivals" }),
  ],
  [
    "weir-oracle",
    (ground) => new Exchanges(ground, { policy: adaptive, coordination: "auto", sizing: "future" }),
  ],
  ["weir-leased", (ground) => new Exchanges(ground, { policy: adaptive, coordination: "leased" })],
  ...[125, 500, 1000].map((everyMs) => tuned(`${everyMs}ms`, { everyMs })),
  ...[0, 0.25, 1].map((leasedPart) => tuned(`${100 * leasedPart}%`, { leasedPart })),
  ...rules.map((policy): [string, MakeStrategy] => [policy.name, (ground) => new Strict(ground, policy)]),
];
