/**
 * From what was measured to what a million requests cost on Cloudflare. Marginal prices: what the plan includes is
 * left out of account, and so is the plan's fee. Pure.
 */
import { prices, type Prices } from "./prices.ts";
import type { Row } from "./summary.ts";
import type { Body } from "./traffic.ts";

/** In US dollars. */
export interface Bill {
  readonly target: string;
  readonly body: Body;
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

/** The bills of those rows that know what an object did for them, and did not fail. */
export function toBills(rows: readonly Row[], perMillion: Prices = prices.perMillion): Bill[] {
  return rows.flatMap((row): Bill[] => {
    const { target, body, cpuMsPerRequest, objectPer1000, errors } = row;
    if (objectPer1000 === undefined || errors.length > 0) return [];
    const { exchanges, rowsWritten, rowsRead } = objectPer1000;
    const parts = {
      requests: perMillion.requests,
      cpu: cpuMsPerRequest * perMillion.cpuMs,
      objectRequests: (exchanges / 1000) * perMillion.objectRequests,
      rowsWritten: (rowsWritten / 1000) * perMillion.rowsWritten,
      rowsRead: (rowsRead / 1000) * perMillion.rowsRead,
    };
    const total = Object.values(parts).reduce((sum, part) => sum + part, 0);
    return [{ target, body, usdPerMillion: { ...parts, total } }];
  });
}

const secondsPerMonth = 30 * 24 * 3600;

/** What an object costs that is awake all month: by the clock, not by the request. */
export const awakeObjectUsdPerMonth: number =
  (secondsPerMonth * prices.objectGb * prices.perMillion.gbSeconds) / 1_000_000;
