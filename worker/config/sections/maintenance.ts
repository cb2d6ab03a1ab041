/** `maintenance` of a route: a page instead of origins. */
import { duration, list } from "../kinds/fields.ts";
import { network } from "../kinds/network.ts";
import { page } from "../kinds/page.ts";
import { option, optional, section, switchable, type ValuesOf } from "../section.ts";

export const maintenance = switchable(
  section("WeirMaintenance", {
    /** The `Retry-After` of the answer. */
    retryAfter: option(duration("1s", "24h"), "5m"),
    /** The page as HTML, with the placeholders of [`errors`](#errors-pages-for-errors). Programs still get JSON. */
    page: optional(page, "Weir's own"),
    /** Networks and addresses of clients that are served as usual: your own address, to test the site before you open it. */
    allow: option(list(network, 0, 1_000, "networks"), []),
  }),
);

export function compileMaintenance({ retryAfter, ...rest }: ValuesOf<typeof maintenance>) {
  return { ...rest, retryAfterMs: retryAfter };
}
