/** `passive`: passive health checks, what real traffic shows. The lengths of ejections are Envoy's defaults. */
import type { PassiveHealth } from "../../../core/model/upstream.ts";
import { duration, flag, integer, list } from "../kinds/fields.ts";
import { statusRange } from "../kinds/status-range.ts";
import { present } from "../present.ts";
import { option, optional, section, switchable, type ValuesOf } from "../section.ts";

export const passive = switchable(
  section(
    "WeirPassive",
    {
      /** Failures in a row, counted over the whole fleet, that eject an origin; one failure never does. */
      failures: option(integer(2, 1000), 5),
      /** How long the first ejection lasts; the second lasts twice as long, the third three times … One for lost connections ends as soon as probes are good again. */
      eject: option(duration("100ms", "24h"), "30s", "`maxEject` if that is shorter"),
      /** The longest ejection, at least `eject`. For each `eject` of time that the origin has served since its last ejection, one ejection less counts. */
      maxEject: option(duration("100ms", "24h"), "300s", "`eject` if that is longer"),
      /** Also takes out an origin of which the fastest quarter of its answers takes four times as long as that of its peers, in the last ten seconds. */
      slow: option(flag(), false),
      /** Statuses that are failures of the origin, in place of those that are without this; `[]`: none. */
      statuses: optional(
        list(statusRange(400), 0, 32, "statuses"),
        "500 and above but those about the request, and what `retries.on` names",
      ),
    },
    { orders: [["eject", "maxEject"]] },
  ),
);

export function compilePassive(values: ValuesOf<typeof passive>): PassiveHealth {
  const { failures, eject, maxEject, slow, statuses } = values;
  return present({ failures, ejectMs: eject, maxEjectMs: maxEject, statuses, slow: slow || undefined });
}
