/** `maintenance` of a route. */
import { maintenance as section } from "../../../../../worker/config/sections/maintenance.ts";
import { parseNetwork } from "../../../../../worker/config/kinds/network.ts";
import { accepts, inRoute, networkExpected, refuses, unknownKey } from "../tables.ts";

const maintenance = inRoute(section);

accepts(maintenance, [
  [false, undefined],
  [true, { retryAfterMs: 300_000, allow: [] }],
  [
    { allow: ["::1"], page: "<p>", retryAfter: "1h" },
    { retryAfterMs: 3_600_000, page: "<p>", allow: [parseNetwork("::1")] },
  ],
]);

refuses(maintenance, [
  [{ page: "" }, ".page", "an HTML page of 1 to 8192 characters"],
  [{ allow: ["x"] }, ".allow[0]", networkExpected],
  [{ status: 503 }, ".status", unknownKey(), 'unknown key "status"'],
]);
