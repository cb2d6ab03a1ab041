/**
 * The time of a log line: RFC 3339, UTC, milliseconds, so that lines sort as text and every log reader knows it. A line is
 * written for each request, and `toISOString` costs half of what the rest of the line does (1.3 µs of 2.5); so the text is
 * kept up to the second, and only the milliseconds are written anew (0.1 µs).
 */

let secondsText = "";
let textOfSecond = Number.NaN;

/** `2026-11-29T13:49:49.007Z` for a time in whole milliseconds since 1970, of the years 0 to 9999. */
export function logTime(ms: number): string {
  const second = Math.floor(ms / 1_000);
  if (second !== textOfSecond) {
    secondsText = new Date(second * 1_000).toISOString().slice(0, 20);
    textOfSecond = second;
  }
  const millis = ms - second * 1_000;
  return `${secondsText}${millis < 10 ? "00" : millis < 100 ? "0" : ""}${millis}Z`;
}
