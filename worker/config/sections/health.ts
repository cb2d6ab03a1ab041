/** `health`: probes, also called active health checks. `rise` and `fall` have HAProxy's defaults. */
import type { ActiveHealth } from "../../../core/model/upstream.ts";
import { byName, checkedText, duration, integer, list, oneOf, secretText, share } from "../kinds/fields.ts";
import { isHeaderValue, isProbeHeaderName, isRequestTarget } from "../kinds/http-syntax.ts";
import { statusRange } from "../kinds/status-range.ts";
import { option, section, switchable, type ValuesOf } from "../section.ts";
import { repeatedKeys } from "./repeated-keys.ts";

const headerNameExpected =
  "a header's name, and not Host or one of the connection's own (Connection, Upgrade …)";
const headers = byName(
  checkedText(headerNameExpected, isProbeHeaderName).meta({ examples: ["X-Probe", "Authorization"] }),
  secretText("a header's value: no CR, LF or other control characters, no space at its ends", isHeaderValue),
  { least: 0, most: 32, what: "headers", nameExpected: headerNameExpected },
).meta({ secret: true });

const probePath = checkedText(
  'a path from "/" (not "//"), percent-encoded, without dot segments or "#"',
  isRequestTarget,
).meta({ examples: ["/healthz", "/healthz?full=1"] });

export const health = switchable(
  section(
    "WeirHealth",
    {
      /** Method of the probe. */
      method: option(oneOf(["GET", "HEAD", "OPTIONS"]), "GET"),
      /** Path of the probe, with a query if wanted; it comes after the origin's own path. */
      path: option(probePath, "/"),
      /** Headers of the probe; not `Host`, nor those of the connection (`Connection`, `Upgrade`, `Content-Length` …). */
      headers: option(headers, {}),
      /** Statuses of a healthy origin, each `204`, `"204"` or `"200-399"`, within 100–599. Redirects are not followed. */
      expect: option(list(statusRange(100), 1, 32, "statuses"), ["200-399"]),
      /** From the start of a round of probes to the start of the next. */
      interval: option(duration("1s", "300s"), "10s", "`timeout` if that is longer"),
      /** The longest that a probe waits for headers, at most `interval`. */
      timeout: option(duration("10ms", "300s"), "5s", "`interval` if that is shorter"),
      /** Share of `interval` by which each round moves at random, earlier or later. */
      jitter: option(share(0.5), 0.1),
      /** Good probes in a row that make an unhealthy origin healthy. */
      rise: option(integer(1, 100), 2),
      /** Bad probes in a row that make it unhealthy. */
      fall: option(integer(1, 100), 3),
    },
    {
      orders: [["timeout", "interval"]],
      // RFC 9110 §5.1: the names of fields are the same in any case.
      rules: [
        repeatedKeys("headers", (name) => name.toLowerCase(), "the same header again", "each header once"),
      ],
    },
  ),
);

export function compileHealth({ interval, timeout, ...rest }: ValuesOf<typeof health>): ActiveHealth {
  return { ...rest, intervalMs: interval, timeoutMs: timeout };
}
