/** What a phase amounted to: what the browsers saw, held against what the site remembers. Pure. */
import { percentile } from "../../../cli/load/summary.ts";
import { errorOf, type BrowserRecord, type Kind } from "./record.ts";
import type { JournalEntry, SiteRecords } from "./site-records.ts";

/** A server, or a process of it, was killed or stopped. */
export interface Death {
  /** The instance's port, as the site calls it. */
  readonly instance: string;
  /** From when to when it took, in ms since 1970: the same for a SIGKILL. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Counts {
  readonly requests: number;
  /** Of these, forms that were sent. */
  readonly posts: number;
  /** Requests that failed, by what went wrong; without those of `inside`. */
  readonly errors: Readonly<Record<string, number>>;
  /** Requests that failed since they were inside a server when it died, by what went wrong. */
  readonly inside: Readonly<Record<string, number>>;
  readonly wrongSessions: number;
  readonly lostPosts: number;
  readonly doubledPosts: number;
  /** Answers that came from another instance than the browser's one before. */
  readonly moved: number;
  /** Answers of the cloud. */
  readonly spilled: number;
  /** GETs that met a connection which the front had closed, and were sent again. No error. */
  readonly resent: number;
  /** Of answers to pages, static files, forms, logins and posts, to their last byte. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Seen {
  readonly records: readonly BrowserRecord[];
  readonly site: SiteRecords;
  readonly deaths: readonly Death[];
  /** Instances of the cloud, as the site calls them. */
  readonly cloud: ReadonlySet<string>;
}

/** What is quick by nature: the others take as long as they are asked to, or as there is to carry. */
const timed: ReadonlySet<Kind> = new Set(["page", "static", "form", "login", "post"]);

export function count({ records, site, deaths, cloud }: Seen): Counts {
  const attempts = Map.groupBy(site.journal, ({ requestId }) => requestId);
  const taken = Map.groupBy(site.notes, (text) => text);
  const timesTaken = (note: string): number => taken.get(note)?.length ?? 0;
  const failed = records.filter((record) => errorOf(record) !== undefined);
  const isInside = (record: BrowserRecord): boolean =>
    wasInside(record, attempts.get(record.id) ?? [], deaths);
  const latencies = Float64Array.from(
    records.filter(({ kind, outcome }) => timed.has(kind) && outcome.kind === "answered"),
    ({ startedMs, endedMs }) => endedMs - startedMs,
  ).toSorted();
  return {
    requests: records.length,
    posts: records.filter(({ method }) => method === "POST").length,
    errors: tally(failed.filter((record) => !isInside(record))),
    inside: tally(failed.filter(isInside)),
    wrongSessions: records.filter(({ isForeign }) => isForeign).length,
    lostPosts: records.filter(({ note, isWrong }) => note !== undefined && !isWrong && timesTaken(note) === 0)
      .length,
    doubledPosts: records.filter(
      ({ id, method, note }) =>
        (note !== undefined && timesTaken(note) > 1) ||
        (method === "POST" && (attempts.get(id)?.length ?? 0) > 1),
    ).length,
    moved: records.filter(({ hasMoved }) => hasMoved).length,
    spilled: records.filter(
      ({ outcome }) =>
        outcome.kind === "answered" && outcome.instance !== undefined && cloud.has(outcome.instance),
    ).length,
    resent: records.filter(({ wasResent }) => wasResent).length,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}

/** The journal says that a request has ended, and its answer is not out yet. */
const leavingMs = 50;
/** How long after a death what it has cost can be heard of. */
const heardWithinMs = 1_000;

/**
 * Whether a request was inside a server when that died: begun there and not ended; or on its way into one, in the queue of its
 * socket, so that no journal has it.
 * @param attempts what the journals have of it.
 */
export function wasInside(
  { startedMs, endedMs }: Pick<BrowserRecord, "startedMs" | "endedMs">,
  attempts: readonly JournalEntry[],
  deaths: readonly Death[],
): boolean {
  return deaths.some(({ instance, fromMs, toMs }) => {
    if (attempts.length === 0)
      return startedMs <= toMs && endedMs >= fromMs && endedMs <= toMs + heardWithinMs;
    return attempts.some(
      (attempt) =>
        attempt.instance === instance &&
        attempt.begunMs <= toMs &&
        (attempt.endedMs ?? Number.POSITIVE_INFINITY) >= fromMs - leavingMs,
    );
  });
}

function tally(failed: readonly BrowserRecord[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(failed, (record) => errorOf(record) ?? "");
  return Object.fromEntries([...groups].map(([error, all]) => [error, all.length]));
}

/** How many there are of all kinds. */
export const sum = (tally: Readonly<Record<string, number>>): number =>
  Object.values(tally).reduce((all, times) => all + times, 0);
