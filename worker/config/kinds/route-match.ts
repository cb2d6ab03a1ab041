/** What a route matches requests by: a host or all names below one, and a path. */
import { routingPath } from "../../../core/routing/path.ts";
import { text } from "./fields.ts";
import { parseHost, parseHostPattern } from "./host.ts";
import { isUrlPath } from "./http-syntax.ts";

export const host = text('a host name or address without a port, such as "weir.example.com"', parseHost).meta(
  {
    examples: ["weir.example.com"],
  },
);

export const hostPattern = text(
  'a host without a port, such as "shop.example.com" or "*.example.com"',
  parseHostPattern,
).meta({ examples: ["shop.example.com", "*.example.com"] });

/** A path in the form of a request's routing path. */
export const path = text(
  'a path from "/" (not "//"), percent-encoded, without dot segments, "?" or "#"',
  (written) => (isUrlPath(written) ? routingPath(written) : undefined),
).meta({ examples: ["/api"], pattern: "^/" });
