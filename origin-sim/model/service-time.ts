/**
 * How long a request keeps its slot. The shape matters more than the mean: a balancer that looks perfect when
 * every request takes 80 ms can fall over when one in a hundred takes two seconds. So there are the textbook
 * shapes: no variance (constant), memoryless (exponential), symmetric (normal), the usual right-skewed shape of
 * web requests (lognormal), and a heavy tail (Pareto).
 */
import type { Random } from "../../core/model/random.ts";
import type { Millis } from "../../core/model/upstream.ts";

export type ServiceTime =
  | { readonly kind: "constant"; readonly ms: Millis }
  | { readonly kind: "exponential"; readonly meanMs: Millis }
  /** Truncated at 0: negative draws are drawn again, so its mean lies a little above `meanMs`. */
  | { readonly kind: "normal"; readonly meanMs: Millis; readonly sdMs: Millis }
  /** `cv`: coefficient of variation, the standard deviation divided by the mean. */
  | { readonly kind: "lognormal"; readonly meanMs: Millis; readonly cv: number }
  /** Mean `minMs · shape / (shape − 1)`; the variance is infinite when `shape` ≤ 2. */
  | { readonly kind: "pareto"; readonly minMs: Millis; readonly shape: number };

/** Draws one service time, in milliseconds, finite and ≥ 0. */
export function drawServiceMs(serviceTime: ServiceTime, random: Random): Millis {
  switch (serviceTime.kind) {
    case "constant":
      return serviceTime.ms;
    case "exponential":
      return -serviceTime.meanMs * Math.log(uniformAboveZero(random));
    case "normal": {
      let ms: Millis;
      do ms = serviceTime.meanMs + serviceTime.sdMs * standardNormal(random);
      while (ms < 0);
      return ms;
    }
    case "lognormal": {
      const variance = Math.log(1 + serviceTime.cv ** 2);
      const median = serviceTime.meanMs / Math.sqrt(1 + serviceTime.cv ** 2);
      return median * Math.exp(Math.sqrt(variance) * standardNormal(random));
    }
    case "pareto":
      return serviceTime.minMs / uniformAboveZero(random) ** (1 / serviceTime.shape);
  }
}

/** What is wrong with a service time, one sentence each; empty: nothing. */
export function serviceTimeIssues(serviceTime: ServiceTime): string[] {
  const issues: string[] = [];
  const require = (field: string, value: number, min: number, exclusive = false): void => {
    if (Number.isFinite(value) && (exclusive ? value > min : value >= min)) return;
    issues.push(`serviceTime.${field} is ${value}; expected a number ${exclusive ? ">" : "≥"} ${min}`);
  };
  switch (serviceTime.kind) {
    case "constant":
      require("ms", serviceTime.ms, 0);
      break;
    case "exponential":
      require("meanMs", serviceTime.meanMs, 0);
      break;
    case "normal":
      require("meanMs", serviceTime.meanMs, 0);
      require("sdMs", serviceTime.sdMs, 0);
      break;
    case "lognormal":
      require("meanMs", serviceTime.meanMs, 0);
      require("cv", serviceTime.cv, 0);
      break;
    case "pareto":
      require("minMs", serviceTime.minMs, 0);
      require("shape", serviceTime.shape, 1, true);
      break;
  }
  return issues;
}

/** Uniform in (0, 1], so that its logarithm and its reciprocal are finite. */
function uniformAboveZero(random: Random): number {
  return 1 - random.next();
}

/** The Box–Muller transform (Box and Muller, 1958), keeping one of the pair: no state besides the generator's. */
function standardNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(uniformAboveZero(random)));
  return radius * Math.cos(2 * Math.PI * random.next());
}
