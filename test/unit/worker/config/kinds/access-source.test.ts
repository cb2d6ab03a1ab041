/** What a list of `access` may name. */
import { describe, expect, test } from "vitest";

import { accessRule, accessSource } from "../../../../../worker/config/kinds/access-source.ts";
import { parseNetwork } from "../../../../../worker/config/kinds/network.ts";

describe("a source", () => {
  test.each([
    ["all", { is: "all" }],
    ["10.0.0.0/8", { is: "network", network: parseNetwork("10.0.0.0/8") }],
    ["::1", { is: "network", network: parseNetwork("::1/128") }],
    ["country:DE", { is: "country", country: "DE" }],
    ["country:T1", { is: "country", country: "T1" }],
    ["asn:4294967295", { is: "asn", asn: 4_294_967_295 }],
  ])("%s is %j, alone and in a rule", (written, source) => {
    expect(accessSource.parse(written)).toEqual(source);
    expect(accessRule.parse(`deny ${written}`)).toEqual({ allows: false, sources: [source] });
    expect(accessRule.parse(`allow ${written}`)).toEqual({ allows: true, sources: [source] });
  });
});

test.each(["", "ALL", "10.0.0.1/8", "country:", "country:DEU", "asn:01", "asn:-1", "asn:1e3", "DE"])(
  "%j is none",
  (written) => {
    expect(accessSource.safeParse(written).success).toBe(false);
    expect(accessRule.safeParse(`deny ${written}`).success).toBe(false);
    expect(accessRule.safeParse(written).success).toBe(false);
  },
);
