/** What must hold of a profile's points, of the part of a run that is looked at by itself, and of pools that Weir sizes. */
import { itemsOf, valueAt, type Path, type Plain, type Problem } from "../../worker/config/parse/plain.ts";

export function burstProblems(tree: Plain): Problem[] {
  return [...disorderedPoints(tree), ...endOfProfile(tree), ...windowProblems(tree), ...unsizedPools(tree)];
}

function disorderedPoints(tree: Plain): Problem[] {
  const times = itemsOf(valueAt(tree, "arrivals", "points")).map((point) => valueAt(point, "atMs"));
  return times.flatMap((atMs, index) => {
    const before = times[index - 1];
    if (typeof atMs !== "number" || typeof before !== "number" || atMs > before) return [];
    const path = ["arrivals", "points", index, "atMs"];
    return [{ path, expected: `a time after that of the point before, ${before}` }];
  });
}

/** After it no request would ever arrive, and the time of the next one would not exist. */
function endOfProfile(tree: Plain): Problem[] {
  const points = itemsOf(valueAt(tree, "arrivals", "points"));
  if (valueAt(points.at(-1), "factor") !== 0) return [];
  const path = ["arrivals", "points", points.length - 1, "factor"];
  return [{ path, expected: "a number above 0: the rate stays as at the last point" }];
}

function windowProblems(tree: Plain): Problem[] {
  const [from, until] = [valueAt(tree, "burst", "fromMs"), valueAt(tree, "burst", "untilMs")];
  const [warmup = 0, measure] = [valueAt(tree, "warmupMs"), valueAt(tree, "measureMs")];
  const problems: Problem[] = [];
  const expect = (isGood: boolean, path: Path, expected: string): void => {
    if (!isGood) problems.push({ path, expected });
  };
  if (typeof from === "number" && typeof warmup === "number") {
    expect(from >= warmup, ["burst", "fromMs"], `a time after the warm-up, ${warmup}`);
  }
  if (typeof from === "number" && typeof until === "number") {
    expect(until > from, ["burst", "untilMs"], `a time after fromMs, ${from}`);
  }
  if (typeof until === "number" && typeof warmup === "number" && typeof measure === "number") {
    const end = warmup + measure;
    expect(
      until <= end,
      ["burst", "untilMs"],
      `a time before the end of the run, ${end} (warmupMs + measureMs)`,
    );
  }
  const isTrace = valueAt(tree, "arrivals", "kind") === "trace";
  if (valueAt(tree, "burst") !== undefined && isTrace) {
    const expected = "arrivals whose rate is known at each moment: poisson, diurnal, flash-crowd or profile";
    problems.push({ path: ["arrivals", "kind"], expected });
  }
  return problems;
}

/** Weir orders instances for what home cannot carry: it must know what home can, and what an instance. */
function unsizedPools(tree: Plain): Problem[] {
  const policies = itemsOf(valueAt(tree, "policies"));
  const sizes = policies.some((name) => typeof name === "string" && name.startsWith("weir"));
  const pools = itemsOf(valueAt(tree, "pools"));
  const grows = pools.map((pool, index) => index > 0 && valueAt(pool, "scaling") !== undefined);
  if (!sizes || !grows.includes(true)) return [];
  return pools.flatMap((pool, index) => {
    if (index > 0 && !grows[index]) return [];
    return itemsOf(valueAt(pool, "servers")).flatMap((group, place) => {
      if (valueAt(group, "maxConns") !== undefined) return [];
      const path = ["pools", index, "servers", place, "maxConns"];
      return [{ path, found: "nothing", expected: "the most requests at once: Weir orders servers by it" }];
    });
  });
}
