/**
 * `queue`: requests that find no free slot wait for one. A queue is one for the whole fleet, and where there are regions no
 * object sees the whole fleet's requests: so it is there by default, and never beside `regions`.
 */
import { priorities, type QueueRules } from "../../../core/model/upstream.ts";
import { duration, integer, oneOf } from "../kinds/fields.ts";
import { present } from "../present.ts";
import { type Rule, within } from "../rule.ts";
import { option, optional, section, switchable, type ValuesOf } from "../section.ts";
import type { UpstreamValues } from "./upstream.ts";

/** The longest wait, if none is written, and as a part of the time for the whole request: waiting leaves half of it for the answer. */
const usualTimeout = { ms: 5_000, partOfTotal: 0.5 };

export const queueSection = section("WeirQueue", {
  /** The most requests that wait at once, over the whole fleet. In time: slots × `timeout` ÷ the time a request takes, as measured. */
  length: optional(integer(1, 10_000), "as many as can be served in time, at most 1,000"),
  /** The longest that a request waits. Waiting is part of `timeouts.total`, and ends with it. */
  timeout: optional(duration("10ms", "60s"), '`"5s"`, or half of `timeouts.total` if that is shorter'),
  /** The priority of requests whose route has none. */
  priority: option(oneOf(priorities), "normal"),
});

export const queue = switchable(queueSection);

/** Whether requests wait, if the config is accepted. */
export const hasQueue = ({ queue, regions }: Pick<UpstreamValues, "queue" | "regions">): boolean =>
  queue === undefined ? regions.length === 0 : queue !== false;

export const queueRules: readonly Rule<UpstreamValues>[] = [
  within("queue", (_, { regions }) => {
    const expected =
      "no queue, or no regions: each region would have a queue of its own, and none of them an order";
    return regions.length > 0 && { path: [], found: "a queue beside regions", expected };
  }),
];

export function compileQueue(
  { length, timeout, priority }: Partial<ValuesOf<typeof queue>>,
  totalMs: number,
): QueueRules {
  const timeoutMs = timeout ?? Math.min(usualTimeout.ms, Math.ceil(totalMs * usualTimeout.partOfTotal));
  return present({ length, timeoutMs, priority: priority ?? "normal" });
}
