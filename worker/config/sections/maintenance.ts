/** `maintenance` of a route: a page instead of origins, always or by order. */
import { duration, flag, list } from "../kinds/fields.ts";
import { network } from "../kinds/network.ts";
import { page } from "../kinds/page.ts";
import type { Rule } from "../rule.ts";
import { option, optional, section, switchable, type ValuesOf } from "../section.ts";

export const maintenance = switchable(
  section("WeirMaintenance", {
    /** `true`: only while [an order](maintenance.md) says so, `weir maintenance on ROUTE`, which isolates hear of within two seconds. The route needs a `name`, and its isolates ask an object once a second while they serve it. `false`: always. */
    byOrder: option(flag(), false),
    /** The `Retry-After` of the answer; of an order that ends by itself, the time that is left. */
    retryAfter: option(duration("1s", "24h"), "5m"),
    /** The page as HTML, with the placeholders of [`errors`](#errors-pages-for-errors). Programs still get JSON. */
    page: optional(page, "Weir's own"),
    /** Networks and addresses of clients that are served as usual: your own address, to test the site before you open it. */
    allow: option(list(network, 0, 1_000, "networks"), []),
  }),
);

/** Orders name routes. */
export const maintenanceRule: Rule<{
  readonly name?: string;
  readonly maintenance: ValuesOf<typeof maintenance> | false;
}> = ({ name, maintenance }) =>
  maintenance !== false &&
  maintenance.byOrder &&
  name === undefined && {
    path: ["maintenance", "byOrder"],
    expected: "false, or a name of the route, by which orders call it",
  };

export type MaintenanceConfig = ReturnType<typeof compileMaintenance>;

export function compileMaintenance({ retryAfter, ...rest }: ValuesOf<typeof maintenance>) {
  return { ...rest, retryAfterMs: retryAfter };
}
