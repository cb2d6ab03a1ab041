/**
 * Durations as people write them: a whole number and its unit, `"250ms"`, `"5s"`, `"2m"`, `"1h"`. A bare number is
 * no duration: whether `timeout: 5` is seconds or milliseconds is the oldest misunderstanding of config files.
 */

const msPerUnit: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/** Milliseconds of a duration such as `"10s"`; `undefined` if the text is none. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? [];
  const msPer = msPerUnit.get(unit);
  return msPer === undefined ? undefined : Number(amount) * msPer;
}

/** The shortest text of a duration, which `parseDuration` reads: `"90s"`, `"1h"`. */
export function formatDuration(ms: number): string {
  const [unit, msPer] = [...msPerUnit].findLast(([, msPer]) => ms >= msPer && ms % msPer === 0) ?? ["ms", 1];
  return `${ms / msPer}${unit}`;
}
