/** What must hold of pools whose capacity is found out; read as written, as in `upstream-rules.ts`. */
import { itemsOf, valueAt } from "../parse/plain.ts";
import type { Path, Plain, Problem } from "../parse/plain.ts";

/** Whether the capacity of the upstream's home is found out. */
export function findsOutHome(upstream: Plain | undefined): boolean {
  return valueAt(upstream, "pools", 0, "capacity") === "auto";
}

export function capacityProblems(upstream: Plain | undefined, path: Path): Problem[] {
  const pools = itemsOf(valueAt(upstream, "pools"));
  return [
    ...pools.flatMap((pool, index) => (index === 0 ? [] : afterHome(pool, [...path, "pools", index]))),
    ...(pools.length === 1 && findsOutHome(upstream) ? boundless(pools[0], [...path, "pools", 0]) : []),
  ];
}

function afterHome(pool: Plain, path: Path): Problem[] {
  if (valueAt(pool, "capacity") === undefined) return [];
  const expected = "none on a pool after the first: only home's capacity is found out";
  return [{ path: [...path, "capacity"], found: "a capacity of a later pool", expected }];
}

/** The search would have to begin low, and refuse what is beyond. */
function boundless(home: Plain | undefined, path: Path): Problem[] {
  return itemsOf(valueAt(home, "origins")).flatMap((origin, index) =>
    valueAt(origin, "maxConns") !== undefined
      ? []
      : {
          path: [...path, "origins", index, "maxConns"],
          expected:
            'the most it may have, or a second pool: with capacity: "auto" the rest must have somewhere to go',
        },
  );
}
