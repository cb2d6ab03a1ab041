/** Rates as people write them: a number of requests and the time for them, `"10/s"`, `"600/min"`, `"5/h"`, `"1000/day"`. */
import type { Millis } from "../../../core/model/upstream.ts";
import { text } from "./fields.ts";

export interface WrittenRate {
  readonly requests: number;
  readonly perMs: Millis;
}

const msPerUnit: ReadonlyMap<string, Millis> = new Map([
  ["s", 1_000],
  ["min", 60_000],
  ["h", 3_600_000],
  ["day", 86_400_000],
]);

/** Beyond it a counter in memory could not tell two requests apart. */
const mostPerSecond = 100_000;

function parseRate(written: string): WrittenRate | undefined {
  const [, amount, unit = ""] = /^(\d{1,9})\/(s|min|h|day)$/.exec(written) ?? [];
  const perMs = msPerUnit.get(unit);
  const requests = Number(amount);
  if (perMs === undefined || requests < 1 || (requests * 1_000) / perMs > mostPerSecond) return undefined;
  return { requests, perMs };
}

export const rate = text(
  'a rate such as "10/s" (units: s, min, h, day), from 1 request in a day to 100,000 in a second',
  parseRate,
).meta({
  bounds: "1/day – 100000/s",
  examples: ["10/s", "600/min", "5/h", "1000/day"],
  pattern: String.raw`^\d{1,9}/(s|min|h|day)$`,
});
