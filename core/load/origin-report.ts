/**
 * What an origin says of itself: how busy it is, and that it wants to be left. A response can carry it (`X-Weir-Load`,
 * checked in `worker/proxy/response/load-report.ts`), and it holds fleet-wide from the first one that the object hears of. HAProxy's
 * agent checks and ORCA (Envoy's `endpoint-load-metrics`) tell one proxy each.
 *
 * A report is worth little and briefly: it can lighten an origin and drain it, never burden it, and it is forgotten when
 * it is not renewed.
 */
import type { OriginStatus } from "../model/origin-status.ts";
import { PerOrigin } from "../model/per-origin.ts";
import type { LoadReports, Millis, Origin, OriginName } from "../model/upstream.ts";
import type { ReportView } from "../protocol/origin-view.ts";
import type { OriginReport, OutcomeRun } from "../protocol/outcome.ts";

/** A header may be so long. */
const longestText = 256;

const parameter = /^(?:util=(?<utilisation>\d{1,3}(?:\.\d{1,6})?)|t=(?<seconds>\d{1,11})|(?<drain>drain))$/;

/**
 * Reads what stands before the signature: `util=0.83; drain; t=1763750000`, in any order, each once at most, `t` (seconds
 * since 1970) always. `undefined` for anything else.
 */
export function parseReport(text: string): OriginReport | undefined {
  if (text.length > longestText) return undefined;
  const found: { utilisation?: number; drain?: true; atMs?: Millis } = {};
  for (const part of text.split(";")) {
    const { utilisation, seconds, drain } = parameter.exec(part.trim())?.groups ?? {};
    if (utilisation !== undefined && found.utilisation === undefined) found.utilisation = Number(utilisation);
    else if (seconds !== undefined && found.atMs === undefined) found.atMs = Number(seconds) * 1_000;
    else if (drain !== undefined && found.drain === undefined) found.drain = true;
    else return undefined;
  }
  const { atMs } = found;
  return atMs === undefined ? undefined : { ...found, atMs };
}

/** Up to this utilisation an origin gets its whole share; from here on less, down to the least, at 1. */
const easyUpTo = 0.8;
const leastShare = 0.05;

/** The part of its weight that an origin should have at this utilisation, 0.05–1: some requests must go on telling. */
export function bearableShare(utilisation: number): number {
  const share = (1 - utilisation) / (1 - easyUpTo);
  return Math.min(1, Math.max(leastShare, share));
}

interface LatestReport {
  latest: (OriginReport & { readonly heardMs: Millis }) | undefined;
  refused: number;
}

/** The last report of each origin of an upstream. */
export class OriginReports {
  readonly #told = new PerOrigin((): LatestReport => ({ latest: undefined, refused: 0 }));
  #maxAgeMs: Millis;

  /** `rules`: for how long reports hold; absent: not at all. */
  constructor(rules: Pick<LoadReports, "maxAgeMs"> | undefined) {
    this.#maxAgeMs = rules?.maxAgeMs ?? 0;
  }

  reconfigure(
    origins: readonly Pick<Origin, "name">[],
    rules: Pick<LoadReports, "maxAgeMs"> | undefined,
  ): void {
    this.#told.keep(origins);
    this.#maxAgeMs = rules?.maxAgeMs ?? 0;
  }

  /** Takes in what came with answers. A report that is older than the last changes nothing. */
  recordReport({ origin, report, refusedReports = 0 }: OutcomeRun, now: Millis): void {
    if (report === undefined && refusedReports === 0) return;
    const told = this.#told.of(origin);
    told.refused += refusedReports;
    if (report !== undefined && report.atMs > (told.latest?.atMs ?? -Infinity)) {
      told.latest = { ...report, heardMs: now };
    }
  }

  refusedOf(origin: OriginName): number {
    return this.#told.of(origin).refused;
  }

  /** What follows for the origin's status; nothing while no report holds. */
  statusOf(origin: OriginName, now: Millis): Pick<OriginStatus, "leaving" | "share"> | undefined {
    const report = this.#current(origin, now);
    if (report === undefined) return undefined;
    const { drain, utilisation } = report;
    return {
      ...(drain && { leaving: true }),
      ...(utilisation !== undefined && { share: bearableShare(utilisation) }),
    };
  }

  viewOf(origin: OriginName, now: Millis): ReportView | null {
    const report = this.#current(origin, now);
    if (report === undefined) return null;
    const { utilisation = null, drain = false, heardMs } = report;
    return { utilisation, drain, ageMs: now - heardMs };
  }

  #current(origin: OriginName, now: Millis): LatestReport["latest"] {
    if (this.#maxAgeMs === 0) return undefined;
    const { latest } = this.#told.of(origin);
    return latest !== undefined && now - latest.heardMs < this.#maxAgeMs ? latest : undefined;
  }
}
