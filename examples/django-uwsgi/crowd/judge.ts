/** PASS or FAIL, with the reasons. Pure. The promises are the same for whatever stands in front. */
import { sum, type Counts } from "./counts.ts";

/** What a phase demands. Requests that are inside a server when it dies are lost: where none dies there are none. */
export interface Terms {
  /** Home has room for all: a request that goes to the cloud met a home whose slots were all in use at that moment. */
  readonly homeHasRoom: boolean;
  /** In ms; absent: no limit. */
  readonly p99Ms?: number;
}

/** Of all requests of a run, the share that may be lost inside servers that die. */
const lostShare = 1 / 1_000;

/** What is judged of a phase. */
export interface Judged extends Counts {
  /** Requests that went to the cloud though a slot was free at home (`spills.ts`). */
  readonly needless: number;
}

/** Why a phase fails; empty: it passes. */
export function faultsOf(counts: Judged, terms: Terms): readonly string[] {
  const failures = sum(counts.errors);
  return [
    ...(counts.requests === 0 ? ["no requests"] : []),
    ...(failures > 0 ? [`${failures} of ${counts.requests} requests failed (${listed(counts.errors)})`] : []),
    ...(counts.wrongSessions > 0 ? [`${counts.wrongSessions} answers were another's`] : []),
    ...(counts.lostPosts > 0 ? [`${counts.lostPosts} acknowledged posts are lost`] : []),
    ...(counts.doubledPosts > 0 ? [`${counts.doubledPosts} posts were carried twice`] : []),
    ...(terms.homeHasRoom && counts.needless > 0
      ? [`${counts.needless} answers came from the cloud, though home had room`]
      : []),
    ...(terms.p99Ms !== undefined && counts.p99Ms > terms.p99Ms
      ? [`p99 is ${counts.p99Ms.toFixed(0)} ms, above ${terms.p99Ms} ms`]
      : []),
  ];
}

const listed = (failed: Counts["errors"]): string =>
  Object.entries(failed)
    .map(([error, times]) => `${times} × ${error}`)
    .join(", ");

/** Why a run fails though each of its phases passes; empty: it passes. */
export function faultsOfRun(phases: readonly Counts[]): readonly string[] {
  const requests = phases.reduce((all, counts) => all + counts.requests, 0);
  const inside = phases.reduce((all, counts) => all + sum(counts.inside), 0);
  if (inside <= requests * lostShare) return [];
  return [`${inside} of ${requests} requests were lost inside servers that died, more than 1 in 1,000`];
}
