/** `loadReports`, signed by the origins. */
import { loadReports as section } from "../../../../../worker/config/sections/load-reports.ts";
import { accepts, duration, inUpstream, refuses, secretExpected } from "../tables.ts";

const reports = inUpstream(section);
const secret = "s".repeat(32);

accepts(reports, [
  [undefined, undefined],
  [{ secret }, { secret, maxAgeMs: 10_000 }],
  [
    { secret, maxAge: "300s" },
    { secret, maxAgeMs: 300_000 },
  ],
]);

refuses(reports, [
  [{}, ".secret", secretExpected],
  [{ secret: "short" }, ".secret", secretExpected, '"***"'],
  [true, "", "an object with secret"],
  [{ secret, maxAge: "500ms" }, ".maxAge", duration("1s", "300s")],
]);
