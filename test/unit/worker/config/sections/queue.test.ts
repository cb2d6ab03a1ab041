/** `queue`: by default where there are no regions, and never beside them. */
import { queue as section } from "../../../../../worker/config/sections/queue.ts";
import { accepts, allows, duration, inUpstream, refuses, refusesValues } from "../tables.ts";
import { switchExpected, upstreamParts, whole, words, type Scope } from "../tables.ts";

const queue = inUpstream(section);
/** What `parts` of an upstream make of its queue. */
const queueOf: Scope = { ...upstreamParts, compiled: ({ upstreams }) => upstreams[0]?.queue };
const usual = { timeoutMs: 5_000, priority: "normal" };

accepts(queue, [
  [undefined, usual],
  [true, usual],
  [{}, usual],
  [false, undefined],
  [{ length: 7 }, { length: 7, ...usual }],
  [{ timeout: "9s" }, { ...usual, timeoutMs: 9_000 }],
  [
    { length: 10_000, timeout: "60s", priority: "low" },
    { length: 10_000, timeoutMs: 60_000, priority: "low" },
  ],
]);
accepts(queueOf, [
  [{ regions: ["weur"] }, undefined],
  [{ queue: false, regions: ["weur"] }, undefined],
  [{ queue: true, regions: [] }, usual],
  // Half of the time for the whole request is the answer's.
  [{ timeouts: { total: "3s" } }, { ...usual, timeoutMs: 1_500 }],
  [{ timeouts: { total: "10ms" } }, { ...usual, timeoutMs: 5 }],
]);

refusesValues(queue, [
  ["", 100, switchExpected],
  [".length", 0, whole(1, 10_000)],
  [".length", 10_001, whole(1, 10_000)],
  [".timeout", "9ms", duration("10ms", "60s")],
  [".timeout", "61s", duration("10ms", "60s")],
  [".priority", "urgent", words("high", "normal", "low")],
]);

const beside =
  "no queue, or no regions: each region would have a queue of its own, and none of them an order";
const besideRegions = inUpstream(section, { regions: ["weur"] });
refuses(besideRegions, [
  [true, "", beside, "a queue beside regions"],
  [{ length: 5 }, "", beside, "a queue beside regions"],
]);
allows(besideRegions, [false, undefined]);
