/** Steps that allow and deny: the first that names a source decides, and what is not known opens nothing. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseAddress } from "../../../../core/access/address.ts";
import {
  AccessRules,
  type AccessStep,
  type Source,
  type SourceFacts,
} from "../../../../core/access/access.ts";
import { contains, networkOf } from "../../../../core/access/networks.ts";
import { runs } from "../../../support/runs.ts";

const all: Source = { is: "all" };
const country = (name: string): Source => ({ is: "country", country: name });
const asn = (number: number): Source => ({ is: "asn", asn: number });
const net = (text: string, prefix: number): Source => ({
  is: "network",
  network: networkOf(parseAddress(text) ?? expect.unreachable(), prefix),
});
const allow = (...sources: Source[]): AccessStep => ({ allows: true, sources });
const deny = (...sources: Source[]): AccessStep => ({ allows: false, sources });

const facts = (address?: string, from?: string, operator?: number): SourceFacts => ({
  address,
  country: from,
  asn: operator,
});

describe("of a request", () => {
  test.each<[string, readonly AccessStep[], boolean, SourceFacts, string | undefined]>([
    ["in a network that is allowed", [allow(net("10.0.0.0", 8))], false, facts("10.1.2.3"), undefined],
    ["in none that is", [allow(net("10.0.0.0", 8))], false, facts("11.1.2.3"), "not-allowed"],
    ["in one that is denied", [deny(net("10.0.0.0", 8))], true, facts("10.1.2.3"), "denied"],
    ["in none that is denied", [deny(net("10.0.0.0", 8))], true, facts("11.1.2.3"), undefined],
    [
      "in both, the step before decides",
      [deny(net("10.1.0.0", 16)), allow(net("10.0.0.0", 8))],
      false,
      facts("10.1.2.3"),
      "denied",
    ],
    [
      "in both, the step before decides: another order",
      [allow(net("10.1.0.0", 16)), deny(net("10.0.0.0", 8)), allow(all)],
      false,
      facts("10.1.2.3"),
      undefined,
    ],
    ["an IPv4-mapped address", [allow(net("10.0.0.0", 8))], false, facts("::ffff:10.1.2.3"), undefined],
    ["all but some", [allow(net("10.0.0.0", 8)), deny(all)], true, facts("11.0.0.1"), "not-allowed"],
    ["of a country that is allowed", [allow(country("DE"))], false, facts("1.1.1.1", "DE"), undefined],
    ["of another country", [allow(country("DE"))], false, facts("1.1.1.1", "FR"), "not-allowed"],
    ["of no known country", [allow(country("DE"))], false, facts("1.1.1.1"), "country-unknown"],
    [
      "of no known country, where one is denied",
      [deny(country("DE"))],
      true,
      facts("1.1.1.1"),
      "country-unknown",
    ],
    [
      "of no known country, where its network is allowed before",
      [allow(net("10.0.0.0", 8)), allow(country("DE"))],
      false,
      facts("10.0.0.1"),
      undefined,
    ],
    [
      "of no known country, in the same step as its network",
      [allow(country("DE"), net("10.0.0.0", 8))],
      false,
      facts("10.0.0.1"),
      undefined,
    ],
    ["of no known operator", [deny(asn(64_496))], true, facts("1.1.1.1", "DE"), "asn-unknown"],
    ["of a denied operator", [deny(asn(64_496))], true, facts("1.1.1.1", "DE", 64_496), "denied"],
    ["of another operator", [deny(asn(64_496))], true, facts("1.1.1.1", "DE", 64_497), undefined],
    ["without an address", [deny(net("10.0.0.0", 8))], true, facts(), "address-unknown"],
    ["with what is no address", [deny(net("10.0.0.0", 8))], true, facts("unknown"), "address-unknown"],
    ["without an address, where all are allowed", [allow(all)], false, facts(), undefined],
  ])("%s", (_, steps, allowsRest, asked, why) => {
    expect(new AccessRules(steps, allowsRest).refusal(asked)).toBe(why);
  });
});

const source = fc.constantFrom(
  all,
  country("DE"),
  country("FR"),
  asn(1),
  asn(2),
  net("10.0.0.0", 8),
  net("10.1.0.0", 16),
  net("10.1.2.0", 24),
  net("2001:db8::", 32),
);
const steps = fc.array(
  fc.record({ allows: fc.boolean(), sources: fc.array(source, { minLength: 1, maxLength: 3 }) }),
  { maxLength: 5 },
);
const known = fc.record({
  address: fc.constantFrom("10.1.2.3", "10.1.9.9", "10.9.9.9", "11.0.0.1", "2001:db8::1", "::1"),
  country: fc.constantFrom("DE", "FR", "IT"),
  asn: fc.constantFrom(1, 2, 3),
});

function names(each: Source, { address = "", country: from, asn: operator }: SourceFacts): boolean {
  switch (each.is) {
    case "all":
      return true;
    case "network":
      return contains(each.network, parseAddress(address) ?? expect.unreachable());
    case "country":
      return each.country === from;
    case "asn":
      return each.asn === operator;
  }
}

test("where all is known, the first step that names the source decides, else what is said of the rest", () => {
  fc.assert(
    fc.property(steps, fc.boolean(), known, (given, rest, asked) => {
      const first = given.find(({ sources }) => sources.some((each) => names(each, asked)));
      const isAllowed = new AccessRules(given, rest).refusal(asked) === undefined;
      expect(isAllowed).toBe(first?.allows ?? rest);
    }),
    { numRuns: runs(500, 50_000) },
  );
});

test("a request that is refused is refused as well when less is known of it", () => {
  fc.assert(
    fc.property(
      steps,
      fc.boolean(),
      known,
      fc.subarray(["address", "country", "asn"] as const),
      (given, rest, asked, unknown) => {
        const rules = new AccessRules(given, rest);
        const less = { ...asked, ...Object.fromEntries(unknown.map((key) => [key, undefined])) };
        if (rules.refusal(asked) !== undefined) expect(rules.refusal(less)).toBeDefined();
      },
    ),
    { numRuns: runs(500, 50_000) },
  );
});
