/**
 * What holders count, and the upstream's object adds up for the fleet: one table. A counter that is in it travels in messages that are sent
 * anyway, without loss (`core/holder/tally-book.ts`, `fleet-counts.ts`), and the API shows it (`counters` of an upstream, docs/api.md).
 *
 * A label has a bound on its values, so that memory and messages have one. Values beyond the bound count as `other`.
 */
import type { TallyKey } from "../protocol/outcome.ts";
import type { SpillReason } from "../protocol/pick.ts";

export interface CounterType {
  /** What is counted, in Markdown. */
  readonly help: string;
  readonly unit: "requests" | "bytes";
  /** The labels, each with how many of its values are told apart. No value has a space. */
  readonly labels: Readonly<Record<string, number>>;
  /** A holder that has counted it sends a message for that, if it has no other reason for one: it is on the bill. */
  readonly isBilled?: true;
}

/** A config has 16 at most, and a long life of an object sees some configs. What is billed must never be in `other`. */
const pools = 1_000;

/** Stands for values beyond a bound. */
const other = "other";

export const counters = {
  spilled: {
    help: "requests that a later pool took, by the reason for which they could not stay at home: as many as the log has lines with that `pool` and `spill`",
    unit: "requests",
    labels: { pool: pools, reason: 5 },
    isBilled: true,
  },
  refused: {
    help: "requests that got `503` because the pool's budget was used up",
    unit: "requests",
    labels: { pool: pools },
    isBilled: true,
  },
  bytes: {
    help: "bytes of responses' bodies, where the pool has a `cost.perGb`",
    unit: "bytes",
    labels: { pool: pools },
    isBilled: true,
  },
  responses: {
    help: "answers to clients by the route that took the request and the class of the status, Weir's own answers included",
    unit: "requests",
    labels: { route: 100, class: 6 },
  },
  denied: {
    help: "requests that a guard of their route refused (`access`, `basicAuth`, `jwt`, `cloudflareAccess`), by the route and the reason, as `denied` in the log",
    unit: "requests",
    labels: { route: 100, why: 32 },
  },
  limited: {
    help: "requests that a limit of `rateLimits` or `concurrency` refused (`refused`), would have refused (`dry-run`), or held back (`delayed`), by the route and the limit's name",
    unit: "requests",
    labels: { route: 100, limit: 200, outcome: 3 },
  },
  unmirrored: {
    help: "requests of a route with `mirror` that were not copied, as too many copies were under way",
    unit: "requests",
    labels: { route: 100 },
  },
} as const satisfies Readonly<Record<string, CounterType>>;

export type CounterName = keyof typeof counters;

/** A value for each label. */
export type LabelsOf<Name extends CounterName> = Readonly<
  Record<keyof (typeof counters)[Name]["labels"], string>
>;

/** A counter with the values of its labels, in their order. */
export interface LabelledCounter {
  readonly name: CounterName;
  readonly values: readonly string[];
}

const labelNames: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(counters).map(([name, { labels }]) => [name, Object.keys(labels)]),
);

const reasons: Readonly<Record<SpillReason, true>> = {
  peak: true,
  downtime: true,
  drain: true,
  policy: true,
  budget: true,
};

/** What a counter is called in messages: requests that spilled by their reason, all others by their name and labels. */
export function tallyKey<Name extends CounterName>(name: Name, labels: LabelsOf<Name>): TallyKey {
  const byLabel: Readonly<Record<string, string>> = labels;
  if (name === "spilled") return { of: byLabel["reason"] ?? other, pool: byLabel["pool"] ?? other };
  let values = "";
  // Called once a request: joined by hand it takes 0.3 µs, and 0.45 with `map` and `join`.
  for (const label of labelNames.get(name) ?? [])
    values += values === "" ? byLabel[label] : ` ${byLabel[label]}`;
  return { of: name, pool: values };
}

/** The counter of that key; `undefined`: this version does not know it. */
export function counterOf({ of, pool }: TallyKey): LabelledCounter | undefined {
  if (Object.hasOwn(reasons, of)) return { name: "spilled", values: [pool, of] };
  if (!isCounterName(of) || of === "spilled") return undefined;
  const values = pool.split(" ");
  return values.length === labelNames.get(of)?.length ? { name: of, values } : undefined;
}

const isCounterName = (name: string): name is CounterName => Object.hasOwn(counters, name);

/** Whether it is on the bill, so that a holder sends a message for it. */
export function isBilled(key: TallyKey): boolean {
  const name = counterOf(key)?.name;
  const type: CounterType | undefined = name && counters[name];
  return type?.isBilled === true;
}

/** The values of each label that are told apart: the first that came. */
export class LabelBounds {
  readonly #seen = new Map<string, Set<string>>();

  /** The key with values beyond their bound in `other`; of a counter that this version does not know the key itself. */
  bounded(key: TallyKey): TallyKey {
    const counter = counterOf(key);
    if (counter === undefined) return key;
    const labels = Object.entries<number>(counters[counter.name].labels);
    const values = labels.map(([label, most], nth) => {
      return this.#told(`${counter.name} ${label}`, counter.values[nth] ?? other, most);
    });
    const [first = other, second = other] = values;
    return counter.name === "spilled" ? { of: second, pool: first } : { of: key.of, pool: values.join(" ") };
  }

  #told(label: string, value: string, most: number): string {
    const seen = this.#seen.get(label) ?? new Set();
    this.#seen.set(label, seen);
    if (seen.has(value)) return value;
    if (seen.size >= most) return other;
    seen.add(value);
    return value;
  }
}
