/** `timeouts`, of which `headers` is within `total`. */
import { timeouts as section } from "../../../../../worker/config/sections/timeouts.ts";
import { accepts, duration, inUpstream, refuses, refusesValues, unknownKey } from "../tables.ts";

const timeouts = inUpstream(section);
const usual = { headersMs: 15_000, totalMs: 60_000, maxHoldMs: 60_000, exchangeMs: 250, pingMs: 60_000 };

accepts(timeouts, [
  [{}, usual],
  [
    { maxHold: "24h", exchange: "1s", ping: "5m" },
    { ...usual, maxHoldMs: 86_400_000, exchangeMs: 1_000, pingMs: 300_000 },
  ],
  // A default gives way to what is written.
  [{ headers: "2m" }, { ...usual, headersMs: 120_000, totalMs: 120_000 }],
  [{ total: "5s" }, { ...usual, headersMs: 5_000, totalMs: 5_000 }],
  [
    { headers: "1s", total: "1s" },
    { ...usual, headersMs: 1_000, totalMs: 1_000 },
  ],
]);

refusesValues(timeouts, [
  [".total", 30, duration("10ms", "24h")],
  [".headers", "9ms", duration("10ms", "1h")],
  [".maxHold", "0s", duration("1s", "24h")],
  [".ping", "500ms", duration("1s", "1h")],
]);
refuses(timeouts, [
  [{ headers: "10s", total: "9s" }, ".headers", "at most timeouts.total"],
  [{ "max hold": 1 }, '["max hold"]', unknownKey("maxHold"), 'unknown key "max hold"'],
]);
