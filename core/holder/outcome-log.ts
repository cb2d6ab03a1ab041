/**
 * How attempts ended, on their way to the object: numbered, and kept until it has counted them. Good answers of an
 * origin between two failures travel together, so that a busy isolate's message does not grow with its traffic.
 */
import type { Millis, OriginName } from "../model/upstream.ts";
import type { Outcome, OutcomeRun } from "../protocol/outcome.ts";

/** Older evidence is dropped first when the object has not been reachable for so many runs. */
const maxRuns = 512;

/** Of a run at most so many times travel. */
const maxTimes = 128;

type Run = { -readonly [Key in keyof OutcomeRun]: OutcomeRun[Key] };

/** Of any number of times at most `maxTimes`, evenly from first to last. */
class SampledTimes {
  #kept: Millis[] = [];
  #seen = 0;
  #every = 1;

  add(time: Millis): readonly Millis[] {
    if (this.#seen++ % this.#every !== 0) return this.#kept;
    this.#kept.push(time);
    if (this.#kept.length > maxTimes) {
      this.#kept = this.#kept.filter((_, index) => index % 2 === 0);
      this.#every *= 2;
    }
    return this.#kept;
  }
}

/** A run that no message has said yet. */
class GrowingRun {
  readonly run: Run;
  readonly #headers = new SampledTimes();
  readonly #lastBytes = new SampledTimes();

  constructor(begun: OutcomeRun) {
    this.run = { ...begun, headerMs: undefined, lastByteMs: undefined };
    this.#note(begun.headerMs, begun.lastByteMs);
  }

  join({ count = 1, headerMs, lastByteMs, report, refusedReports = 0, client, several }: OutcomeRun): void {
    this.#grow(count, report, refusedReports);
    this.#isAlsoOf(several === true ? undefined : client);
    this.#note(headerMs, lastByteMs);
  }

  /** One more good answer. */
  count({ headerMs, lastByteMs, report, refusedReport, client }: Outcome): void {
    this.#grow(1, report, refusedReport === true ? 1 : 0);
    this.#isAlsoOf(client);
    if (headerMs !== undefined) this.run.headerMs = this.#headers.add(headerMs);
    if (lastByteMs !== undefined) this.run.lastByteMs = this.#lastBytes.add(lastByteMs);
  }

  #grow(count: number, report: OutcomeRun["report"], refusedReports: number): void {
    this.run.count = (this.run.count ?? 1) + count;
    if (report !== undefined && report.atMs >= (this.run.report?.atMs ?? 0)) this.run.report = report;
    if (refusedReports > 0) this.run.refusedReports = (this.run.refusedReports ?? 0) + refusedReports;
  }

  /** Of several clients' good answers no client is named, so that a run does not grow with them. */
  #isAlsoOf(client: number | undefined): void {
    if (this.run.several === true || this.run.client === client) return;
    this.run.client = undefined;
    this.run.several = true;
  }

  #note(headerMs: readonly Millis[] = [], lastByteMs: readonly Millis[] = []): void {
    for (const time of headerMs) this.run.headerMs = this.#headers.add(time);
    for (const time of lastByteMs) this.run.lastByteMs = this.#lastBytes.add(time);
  }
}

/** Each by its name: to copy the rest of an object costs several times as much, for each answer. */
function toRun(outcome: Outcome): OutcomeRun {
  const { origin, ok, lost, certain, detail, report, client, bound, confirms } = outcome;
  const { headerMs, lastByteMs, refusedReport } = outcome;
  return {
    origin,
    ok,
    lost,
    certain,
    detail,
    report,
    client,
    bound,
    confirms,
    count: undefined,
    several: undefined,
    headerMs: headerMs === undefined ? undefined : [headerMs],
    lastByteMs: lastByteMs === undefined ? undefined : [lastByteMs],
    refusedReports: refusedReport === true ? 1 : undefined,
  };
}

export class OutcomeLog {
  #runs: Run[] = [];
  /** The number of the first. */
  #from = 0;
  /** The last of each origin, as long as no message has said it. */
  readonly #growing = new Map<OriginName, GrowingRun>();

  get from(): number {
    return this.#from;
  }

  add(outcome: Outcome): void {
    const last = this.#growing.get(outcome.origin);
    if (outcome.ok && last?.run.ok === true) return last.count(outcome);
    this.#append(new GrowingRun(toRun(outcome)));
  }

  /** Takes over what a region's holders have told it. */
  forward(runs: readonly OutcomeRun[]): void {
    for (const run of runs) {
      const last = this.#growing.get(run.origin);
      if (run.ok && last?.run.ok === true) {
        last.join(run);
        continue;
      }
      const begun = new GrowingRun(run);
      this.#append(begun);
    }
  }

  #append(begun: GrowingRun): void {
    this.#growing.set(begun.run.origin, begun);
    this.#runs.push(begun.run);
    if (this.#runs.length > maxRuns) this.#dropFirst();
  }

  #dropFirst(): void {
    const [first] = this.#runs.splice(0, 1);
    this.#from++;
    // Or later answers would grow a run that is never reported.
    if (first && this.#growing.get(first.origin)?.run === first) this.#growing.delete(first.origin);
  }

  /** What a message says: all that is not yet known to have arrived. */
  say(): readonly OutcomeRun[] {
    if (this.#growing.size > 0) this.#growing.clear();
    return this.#runs.slice();
  }

  /** The object has counted those below this number. */
  seen(below: number): void {
    const count = below - this.#from;
    if (count <= 0) return;
    this.#runs.splice(0, count);
    this.#from += count;
  }
}
