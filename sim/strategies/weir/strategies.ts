/** Weir's own strategies: `adaptive` in its three ways of coordination, and every other rule of core asked strictly. */
import type { Policy } from "../../../core/upstream.ts";
import type { MakeStrategy } from "../../engine/simulation.ts";
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

export const weirStrategies: readonly (readonly [string, MakeStrategy])[] = [
  ["adaptive", (ground) => new Strict(ground, adaptive, 1)],
  ["adaptive-regional", (ground) => new Strict(ground, adaptive, ground.scenario.dispatchers.regions)],
  ["adaptive-leased", (ground) => new Leased(ground)],
  ...rules.map((policy): [string, MakeStrategy] => [policy.name, (ground) => new Strict(ground, policy, 1)]),
];
