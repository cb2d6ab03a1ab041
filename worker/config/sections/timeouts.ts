/** `timeouts` of attempts, requests, silent streams and exchanges. The wait for headers is Envoy's default. */
import type { Millis, Timeouts } from "../../../core/model/upstream.ts";
import { duration } from "../kinds/fields.ts";
import { option, section, type ValuesOf } from "../section.ts";

export const timeouts = section(
  "WeirTimeouts",
  {
    /** Per attempt, from sending it to the origin's response headers; at most `total`. */
    headers: option(duration("10ms", "1h"), "15s", "`total` if that is shorter"),
    /** The whole request with its retries, to the response headers. The body that follows is not counted; `limits` says how slow its client may be. */
    total: option(duration("10ms", "24h"), "60s", "`headers` if that is longer"),
    /** How long a body or WebSocket keeps its slot after the last message of the isolate that holds it. While the isolate lives, a body or WebSocket keeps its slot until it ends. */
    maxHold: option(duration("1s", "24h"), "60s"),
    /** The longest exchange with the upstream's object; time in which the isolate stands still does not count. Set it above the round trip to the object: a longer exchange counts as lost, and requests go on without the object. */
    exchange: option(duration("10ms", "10s"), "250ms"),
    /** How long an end of a WebSocket may be silent before Weir pings it; after as much time again without an answer the socket is closed. Only on a workerd of your own: at the edge the platform answers pings. */
    ping: option(duration("1s", "1h"), "60s"),
  },
  { orders: [["headers", "total"]] },
);

export interface TimeoutsConfig extends Timeouts {
  /** For so long an end of a WebSocket may be silent before it is pinged, and so long again before it is given up. */
  readonly pingMs: Millis;
}

export function compileTimeouts(values: ValuesOf<typeof timeouts>): TimeoutsConfig {
  const { headers, total, maxHold, exchange, ping } = values;
  return { headersMs: headers, totalMs: total, maxHoldMs: maxHold, exchangeMs: exchange, pingMs: ping };
}
