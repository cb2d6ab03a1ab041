/** `maintenance` of a route: always, or by orders, which call a route by its name. */
import { maintenance as section } from "../../../../../worker/config/sections/maintenance.ts";
import { parseNetwork } from "../../../../../worker/config/kinds/network.ts";
import { withRoutes } from "../example-config.ts";
import { accepts, inRoute, networkExpected, refuses, unknownKey } from "../tables.ts";

const maintenance = inRoute(section);
const named = {
  ...maintenance,
  make: (part: unknown) => withRoutes({ name: "shop", upstream: "shop", maintenance: part }),
};

accepts(maintenance, [
  [false, undefined],
  [true, { byOrder: false, retryAfterMs: 300_000, allow: [] }],
  [
    { allow: ["::1"], page: "<p>", retryAfter: "1h" },
    { byOrder: false, retryAfterMs: 3_600_000, page: "<p>", allow: [parseNetwork("::1")] },
  ],
]);

accepts(named, [
  [{ byOrder: true }, { byOrder: true, retryAfterMs: 300_000, allow: [] }],
  [
    { byOrder: true, retryAfter: "1h" },
    { byOrder: true, retryAfterMs: 3_600_000, allow: [] },
  ],
]);

refuses(maintenance, [
  [{ byOrder: true }, ".byOrder", "false, or a name of the route, by which orders call it"],
  [{ byOrder: "on" }, ".byOrder", "true or false"],
  [{ page: "" }, ".page", "an HTML page of 1 to 8192 characters"],
  [{ allow: ["x"] }, ".allow[0]", networkExpected],
  [{ status: 503 }, ".status", unknownKey(), 'unknown key "status"'],
]);
