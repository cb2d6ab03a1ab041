/**
 * Whether requests wait, as the config is written. A queue is one for the whole fleet, and where there are regions no object sees
 * the whole fleet's requests: so it is there by default, and never beside `regions`.
 */
import { itemsOf, valueAt } from "../parse/plain.ts";
import type { Path, Plain, Problem } from "../parse/plain.ts";

const hasRegions = (upstream: Plain | undefined): boolean => itemsOf(valueAt(upstream, "regions")).length > 0;

/** Whether the upstream will have a queue, if its config is accepted. */
export function hasQueue(upstream: Plain | undefined): boolean {
  return (valueAt(upstream, "queue") ?? !hasRegions(upstream)) !== false;
}

/** The problem of a queue that is written beside regions. */
export function queueProblems(upstream: Plain | undefined, path: Path): Problem[] {
  if (!hasRegions(upstream) || !hasQueue(upstream)) return [];
  return [
    {
      path: [...path, "queue"],
      found: "a queue beside regions",
      expected:
        "no queue, or no regions: each region would have a queue of its own, and none of them an order",
    },
  ];
}
