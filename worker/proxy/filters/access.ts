/**
 * `access` of a route: where a request comes from, as far as a trusted party says it. Country and operator are those of the party that is connected to
 * Cloudflare: behind a proxy that the config trusts they are the proxy's, and say nothing of the client.
 */
import type { SourceFacts } from "../../../core/access/access.ts";
import type { Transaction } from "../transaction.ts";
import type { FilterMaker } from "./filter.ts";
import { guard } from "./guard.ts";

export const accessFilter: FilterMaker = ({ route }) => {
  if (route.access === undefined) return undefined;
  const { rules } = route.access;
  return guard("access", route, {
    judge: (tx) => {
      const why = rules.refusal(factsOf(tx));
      return why && { why, error: { kind: "forbidden" } };
    },
  });
};

function factsOf({ source, request: { cf } }: Transaction): SourceFacts {
  const { address, hops } = source;
  const country = cf?.["country"];
  const asn = cf?.["asn"];
  const isDirect = hops.length === 0;
  return {
    address,
    // Cloudflare's word for "not known" is XX.
    country: isDirect && typeof country === "string" && country !== "XX" ? country : undefined,
    asn: isDirect && typeof asn === "number" ? asn : undefined,
  };
}
