/** `loadReports`: origins say how busy they are, in the signed header X-Weir-Load. */
import type { LoadReports } from "../../../core/model/upstream.ts";
import { duration } from "../kinds/fields.ts";
import { signingSecret } from "../kinds/signing-secret.ts";
import { option, required, section, type ValuesOf } from "../section.ts";

export const loadReports = section("WeirLoadReports", {
  /** The key that the origins sign `X-Weir-Load` with. */
  secret: required(signingSecret),
  /** The oldest report that is believed, and how long a report holds. */
  maxAge: option(duration("1s", "300s"), "10s"),
});

export function compileLoadReports({ secret, maxAge }: ValuesOf<typeof loadReports>): LoadReports {
  return { secret, maxAgeMs: maxAge };
}
