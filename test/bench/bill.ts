/**
 * From what was measured to what a million requests cost on Cloudflare. Marginal prices: what the plan includes is
 * left out of account, and so is the plan's fee. Pure.
 */
import type { ObjectUsage } from "../../core/protocol/upstream-view.ts";
import type { ObjectWork } from "./object-work.ts";
import { prices, type Prices } from "./prices.ts";
import type { Row } from "./summary.ts";
import type { Body } from "./traffic.ts";

export interface Bill {
  readonly target: string;
  readonly body: Body;
  /** What the object does for 1,000 requests. */
  readonly objectPer1000: ObjectUsage;
  /** In US dollars. */
  readonly usdPerMillion: {
    readonly requests: number;
    /** Of the whole process on this machine, the object and the network included: rather too much. */
    readonly cpu: number;
    readonly objectRequests: number;
    readonly rowsWritten: number;
    readonly rowsRead: number;
    readonly total: number;
  };
}

/** The bills of those rows whose object's work is known, and that did not fail. */
export function toBills(
  rows: readonly Row[],
  works: readonly ObjectWork[],
  perMillion: Prices = prices.perMillion,
): Bill[] {
  return rows.flatMap((row): Bill[] => {
    const { target, body, cpuMsPerRequest, errors } = row;
    const work = works.find((one) => one.target === target && one.body === body);
    if (work === undefined || errors.length > 0) return [];
    const per = (pieces: number): number => pieces / work.requests;
    const parts = {
      requests: perMillion.requests,
      cpu: cpuMsPerRequest * perMillion.cpuMs,
      objectRequests: per(work.exchanges) * perMillion.objectRequests,
      rowsWritten: per(work.rowsWritten) * perMillion.rowsWritten,
      rowsRead: per(work.rowsRead) * perMillion.rowsRead,
    };
    const total = Object.values(parts).reduce((sum, part) => sum + part, 0);
    const objectPer1000 = {
      exchanges: 1000 * per(work.exchanges),
      rowsWritten: 1000 * per(work.rowsWritten),
      rowsRead: 1000 * per(work.rowsRead),
    };
    return [{ target, body, objectPer1000, usdPerMillion: { ...parts, total } }];
  });
}

const secondsPerMonth = 30 * 24 * 3600;

/** What an object costs that is awake all month: by the clock, not by the request. */
export const awakeObjectUsdPerMonth: number =
  (secondsPerMonth * prices.objectGb * prices.perMillion.gbSeconds) / 1_000_000;
