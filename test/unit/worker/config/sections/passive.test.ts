/** `passive` health checks, of which `eject` is within `maxEject`. */
import { passive as section } from "../../../../../worker/config/sections/passive.ts";
import { statusExpected } from "../../../../../worker/config/kinds/status-range.ts";
import { accepts, duration, inUpstream, refuses, refusesValues, whole } from "../tables.ts";

const passive = inUpstream(section);
const usual = { failures: 5, ejectMs: 30_000, maxEjectMs: 300_000 };

accepts(passive, [
  [undefined, usual],
  [true, usual],
  [{}, usual],
  [false, undefined],
  [
    { failures: 2, eject: "1m", maxEject: "1h" },
    { failures: 2, ejectMs: 60_000, maxEjectMs: 3_600_000 },
  ],
  // A default gives way to what is written.
  [{ eject: "10m" }, { ...usual, ejectMs: 600_000, maxEjectMs: 600_000 }],
  [{ maxEject: "5s" }, { ...usual, ejectMs: 5_000, maxEjectMs: 5_000 }],
  [
    { eject: "1m", maxEject: "1m" },
    { ...usual, ejectMs: 60_000, maxEjectMs: 60_000 },
  ],
  [{ slow: false }, usual],
  [{ slow: true }, { ...usual, slow: true }],
  [{ statuses: [] }, { ...usual, statuses: [] }],
  [
    { statuses: [429, "500-503"] },
    {
      ...usual,
      statuses: [
        { from: 429, to: 429 },
        { from: 500, to: 503 },
      ],
    },
  ],
]);

refusesValues(passive, [
  [".failures", 1, whole(2, 1000)],
  [".eject", "25h", duration("100ms", "24h")],
]);
refuses(passive, [[{ statuses: [399] }, ".statuses[0]", statusExpected(400)]]);
refuses(passive, [[{ eject: "2m", maxEject: "60s" }, ".eject", "at most passive.maxEject"]]);
