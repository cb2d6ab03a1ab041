/** `limits.client`: how much of an upstream one client may have at a time. */
import { integer } from "../kinds/fields.ts";
import { clientKey } from "../kinds/request-key.ts";
import { option, optional, section } from "../section.ts";

export const clientLimits = section(
  "WeirClientLimits",
  {
    /** The most requests that one client may have at an upstream's origins or waiting for a slot there, as each isolate counts them; beyond it, `429`. Streams and WebSockets count until they end. */
    slots: optional(integer(1, 1e6), "no limit"),
    /** How many of these may wait in the upstream's [queue](bursting.md#waiting); beyond it a request that would have to wait gets `429`. At most `slots`. */
    queue: optional(integer(1, 1e6), "no limit"),
    /** The most requests of one client to an upstream whose bodies are still coming in, as each isolate counts them; beyond it, `429`. */
    uploads: optional(integer(1, 1e6), "no limit"),
    /** What tells clients apart: `"address"` (of IPv6 the /64), `"header:NAME"`, `"cookie:NAME"` or `"query:NAME"`. A request without it goes by its address. */
    key: option(clientKey, "address"),
  },
  {
    rules: [
      ({ slots, queue }) =>
        slots !== undefined &&
        queue !== undefined &&
        queue > slots && {
          path: ["queue"],
          found: String(queue),
          expected: `at most slots (${slots}): a request that waits is one of these`,
        },
    ],
  },
);
