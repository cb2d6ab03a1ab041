/**
 * What all holders of an upstream have counted, as the upstream's object adds it up (`core/holder/tally-book.ts`). For people and metrics, and
 * for budgets; kept in memory only.
 */
import type { Millis } from "../model/upstream.ts";
import type { ExchangeMessage, HolderId } from "../protocol/exchange.ts";
import { type TallyKey, keyOf } from "../protocol/outcome.ts";
import type { CountersView, CountView } from "../protocol/upstream-view.ts";
import { counterOf, counters, LabelBounds, tallyKey, type CounterName, type LabelsOf } from "./counters.ts";

/** So long a silent holder's numbers are remembered, so that a late copy of a message counts nothing. */
const forgetAfterMs: Millis = 60_000;

/** What is new of a number. */
export interface Counted {
  readonly key: TallyKey;
  readonly count: number;
}

interface HeardTallies {
  readonly seen: Map<string, number>;
  heardMs: Millis;
}

interface FleetCount {
  readonly key: TallyKey;
  count: number;
}

export class FleetCounts {
  readonly #heard = new Map<HolderId, HeardTallies>();
  readonly #counts = new Map<string, FleetCount>();
  readonly #bounds = new LabelBounds();
  #forgetAtMs: Millis = 0;

  /** Takes in what a message says. Returns what no earlier message brought. Counters that this version does not know are left out. */
  recordTallies(
    { holder, tallies }: Pick<ExchangeMessage, "holder" | "tallies">,
    now: Millis,
  ): readonly Counted[] {
    if (tallies === undefined) return [];
    this.#forgetSilent(now);
    const heard = this.#heard.get(holder) ?? { seen: new Map<string, number>(), heardMs: now };
    heard.heardMs = now;
    this.#heard.set(holder, heard);
    return tallies.flatMap((tally): Counted[] => {
      const said = keyOf(tally);
      const before = Math.max(tally.from, heard.seen.get(said) ?? 0);
      const count = tally.to - before;
      if (!(count > 0)) return [];
      const fleet = this.#counts.get(said) ?? this.#enter(tally);
      if (fleet === undefined) return [];
      heard.seen.set(said, tally.to);
      fleet.count += count;
      return [{ key: fleet.key, count }];
    });
  }

  #enter(tally: TallyKey): FleetCount | undefined {
    if (counterOf(tally) === undefined) return undefined;
    const key = this.#bounds.bounded(tally);
    const name = keyOf(key);
    const fleet = this.#counts.get(name) ?? { key, count: 0 };
    this.#counts.set(name, fleet);
    return fleet;
  }

  /** Since the object last started. */
  of<Name extends CounterName>(name: Name, labels: LabelsOf<Name>): number {
    return this.#counts.get(keyOf(tallyKey(name, labels)))?.count ?? 0;
  }

  /** All counters, since the object last started. */
  view(): CountersView {
    const views = new Map(Object.keys(counters).map((name): [string, CountView[]] => [name, []]));
    for (const { key, count } of this.#counts.values()) {
      const counter = counterOf(key);
      if (counter === undefined) continue;
      const names = Object.keys(counters[counter.name].labels);
      const labels = names.map((label, nth) => [label, counter.values[nth] ?? ""] as const);
      views.get(counter.name)?.push({ labels: Object.fromEntries(labels), count });
    }
    return Object.fromEntries(views);
  }

  #forgetSilent(now: Millis): void {
    if (now < this.#forgetAtMs) return;
    this.#forgetAtMs = now + forgetAfterMs;
    for (const [holder, { heardMs }] of this.#heard) {
      if (heardMs + forgetAfterMs <= now) this.#heard.delete(holder);
    }
  }
}
