/** The shape of `burst`; see `schema.ts` for what a shape is and is not, `burst-rules.ts` for what relates its parts. */
import { duration, integer, option, section, share, switchable } from "../kinds/fields.ts";

const enter = section("an object (keys: utilisation, wait, p95, queue, errorRate, for)", {
  utilisation: option(share(1, 0.01), "Home's slots in use ÷ its limits."),
  wait: option(duration("1ms", "10m"), "How long the next request would wait for a slot at home."),
  p95: option(duration("1ms", "10m"), "95th percentile of home's response times, to the headers."),
  queue: option(integer(1, 1_000_000), "Requests that wait for home."),
  errorRate: option(share(1, 0.01), "Failed attempts at home as a share of all attempts."),
  for: option(duration("1s", "1h"), 'How long any of them must last. Default "10s".'),
});

const exit = section("an object (keys: utilisation, wait, p95, queue, errorRate, for)", {
  utilisation: option(share(1), "Below that of enter. Default: 7/9 of it."),
  wait: option(duration("0ms", "10m"), "Below that of enter. Default: 7/9 of it."),
  p95: option(duration("0ms", "10m"), "Below that of enter. Default: 7/9 of it."),
  queue: option(integer(0, 1_000_000), "Below that of enter. Default: 7/9 of it."),
  errorRate: option(share(1), "Below that of enter. Default: 7/9 of it."),
  for: option(duration("1s", "24h"), 'How long all of them must last. Default "60s".'),
});

const sessions = switchable({
  moveWithin: option(duration("1s", "24h"), 'All are moved home within this time. Default "10m".'),
});

export const burst = switchable({
  enter: option(enter, "What begins a burst, any of them. Default: utilisation 0.9."),
  exit: option(exit, "What ends it, all of them. Default: 7/9 of those of enter."),
  minHold: option(duration("0s", "24h"), 'The shortest burst. Default "60s".'),
  sessions: option(
    sessions,
    "Sessions that began in a later pool are moved home after the burst. Default true.",
  ),
});
