/** What must hold between `autoscale` and the pools of its upstream. */
import { quote } from "../parse/notation.ts";
import { itemsOf, valueAt } from "../parse/plain.ts";
import type { Path, Plain, Problem } from "../parse/plain.ts";

/** The problems of the section of the upstream at `path`; none where there is no such section. */
export function autoscaleProblems(upstream: Plain | undefined, path: Path): Problem[] {
  const autoscale = valueAt(upstream, "autoscale");
  if (autoscale === undefined) return [];
  const pools = itemsOf(valueAt(upstream, "pools"));
  const at = [...path, "autoscale"];
  return [
    ...growingPool(autoscale, pools, at),
    ...limitlessHome(pools[0], at),
    ...disorder(valueAt(autoscale, "min"), valueAt(autoscale, "max"), at),
  ];
}

function growingPool(autoscale: Plain, pools: readonly Plain[], path: Path): Problem[] {
  if (pools.length < 2) {
    return [{ path, found: "no second pool", expected: "a pool after home that can grow" }];
  }
  const pool = valueAt(autoscale, "pool");
  const burst = pools.slice(1).map((later) => valueAt(later, "name"));
  if (typeof pool !== "string" || burst.includes(pool)) return [];
  const names = burst.filter((name) => typeof name === "string").map(quote);
  return [{ path: [...path, "pool"], expected: `the name of a pool after home: ${names.join(" or ")}` }];
}

/** Without a limit home would carry everything, and nothing would ever be ordered. */
function limitlessHome(home: Plain | undefined, path: Path): Problem[] {
  const origins = itemsOf(valueAt(home, "origins"));
  if (valueAt(home, "capacity") === "auto") return [];
  if (origins.length === 0 || origins.some((origin) => valueAt(origin, "maxConns") !== undefined)) return [];
  const expected = "maxConns for home's origins: instances are ordered for what home cannot carry";
  return [{ path, found: "a home without maxConns", expected }];
}

function disorder(min: Plain | undefined, max: Plain | undefined, path: Path): Problem[] {
  if (typeof min !== "number" || typeof max !== "number" || min <= max) return [];
  return [{ path: [...path, "min"], expected: "at most autoscale.max" }];
}
