/** The one place that knows all policies, and which signal each of them goes by. */
import { FailureAversion } from "../load/failure-aversion.ts";
import { GradientLimit } from "../load/gradient-limit.ts";
import { InFlight } from "../load/in-flight.ts";
import { LeastTime } from "../load/least-time.ts";
import { PeakEwma, peakNoise } from "../load/peak-ewma.ts";
import type { LoadSignal } from "../load/signal.ts";
import type { Origin, Policy } from "../model/upstream.ts";
import { FirstAvailable } from "./first-available.ts";
import { LeastToCome } from "./least-to-come.ts";
import { Paced } from "./paced.ts";
import type { SelectionPolicy } from "./policy.ts";
import { RandomChoices } from "./random-choices.ts";
import { Rendezvous } from "./rendezvous.ts";
import { SampledLeastLoad } from "./sampled-least-load.ts";
import { SmoothWeighted } from "./smooth-weighted.ts";

/** What balances one pool: a rule that chooses, and the signal that has to be told of every start and completion. */
export interface Balancer {
  readonly policy: SelectionPolicy;
  readonly signal: LoadSignal;
}

/** A balancer with fresh state, for a pool of these origins. */
export function createBalancer(
  policy: Policy,
  origins: readonly Pick<Origin, "name" | "maxConns">[],
): Balancer {
  const signal = signalOf(policy);
  signal.reconfigure(origins);
  const rule = ruleOf(policy, signal);
  return { policy: goesByWeight(policy) ? rule : new Paced(rule), signal };
}

/** Whether the policy gives each origin exactly what its weight says. */
function goesByWeight({ name }: Policy): boolean {
  return name === "round_robin" || name === "hash" || name === "ip_hash";
}

/** Whether the policy chooses by load. The others choose by turn or by key, and need not know the requests of other holders. */
export function goesByLoad({ name }: Policy): boolean {
  switch (name) {
    case "adaptive":
    case "least_conn":
    case "least_time":
    case "peak_ewma":
    case "random_two":
      return true;
    case "round_robin":
    case "hash":
    case "ip_hash":
    case "first":
      return false;
  }
}

function signalOf(policy: Policy): LoadSignal {
  switch (policy.name) {
    case "adaptive":
      return new FailureAversion(new GradientLimit());
    case "least_time":
      return new LeastTime(policy);
    case "peak_ewma":
      return new FailureAversion(new PeakEwma());
    case "random_two":
      return policy.by === "least_time" ? new LeastTime({ by: "header", inflight: false }) : new InFlight();
    case "least_conn":
    case "round_robin":
    case "hash":
    case "ip_hash":
    case "first":
      return new InFlight();
  }
}

/** Whether the rule goes by how old open requests are: only then is that worked out. */
export const countsAges = (policy: Policy): boolean => policy.name === "least_time" && policy.inflight;

function ruleOf(policy: Policy, signal: LoadSignal): SelectionPolicy {
  switch (policy.name) {
    case "adaptive":
    case "least_time":
      return new SampledLeastLoad(policy.name, signal);
    case "least_conn":
      return new LeastToCome(policy.name, signal);
    case "peak_ewma":
      return new RandomChoices(policy.name, signal, 2, peakNoise);
    case "random_two":
      return new RandomChoices(policy.name, signal, 2);
    case "round_robin":
      return new SmoothWeighted();
    case "hash":
      return new Rendezvous("hash", { bounded: policy.bounded });
    case "ip_hash":
      return new Rendezvous("ip_hash", { bounded: false });
    case "first":
      return new FirstAvailable();
  }
}
