/** `access` of a route: what it comes to, and that a list that says nothing, or what nobody gets to, is refused. */
import { describe, expect, test } from "vitest";

import { access as section } from "../../../../../worker/config/sections/access.ts";
import { accepted, allows, inRoute, networkMeant, refuses, words } from "../tables.ts";

const access = inRoute(section);
const expected =
  '"all", a network or an address such as "10.0.0.0/8", a country such as "country:DE", or an operator\'s number such as "asn:64496"';

const rule = `"allow" or "deny" before ${expected}`;

/** Whether an address may use a route with this. */
function passes(part: unknown, address: string): boolean {
  const compiled = accepted(access.make(part)).routes[0]?.access ?? expect.unreachable();
  return compiled.rules.refusal({ address, country: "DE", asn: 64_496 }) === undefined;
}

describe("what a list comes to", () => {
  test.each([
    [{ deny: ["10.0.0.0/8"] }, "10.0.0.1", false],
    [{ deny: ["10.0.0.0/8"] }, "11.0.0.1", true],
    [{ allow: ["10.0.0.0/8"] }, "10.0.0.1", true],
    [{ allow: ["10.0.0.0/8"] }, "11.0.0.1", false],
    [{ allow: ["10.0.0.0/8"], deny: ["10.1.0.0/16"] }, "10.1.0.1", false],
    [{ allow: ["10.0.0.0/8"], deny: ["10.0.0.0/7"] }, "10.1.0.1", false],
    [{ allow: ["country:DE"] }, "11.0.0.1", true],
    [{ deny: ["asn:64496"] }, "11.0.0.1", false],
    [{ deny: ["all"] }, "11.0.0.1", false],
    [{ rules: ["allow 10.1.0.0/16", "deny 10.0.0.0/8", "allow all"] }, "10.1.0.1", true],
    [{ rules: ["allow 10.1.0.0/16", "deny 10.0.0.0/8", "allow all"] }, "10.2.0.1", false],
    [{ rules: ["allow 10.1.0.0/16", "deny 10.0.0.0/8", "allow all"] }, "11.2.0.1", true],
    [{ rules: ["allow ::1"] }, "::1", true],
    [{ rules: ["allow ::1"] }, "::2", false],
    [{ rules: ["deny ::1"] }, "::2", false],
    [{ deny: ["::1"], rules: ["allow ::/8"], allow: ["10.0.0.0/8"] }, "::1", false],
    [{ deny: ["::1"], rules: ["allow ::/8"], allow: ["10.0.0.0/8"] }, "10.0.0.1", true],
  ])("%j lets %s through: %s", (part, address, isLet) => {
    expect(passes(part, address)).toBe(isLet);
  });
});

allows(access, [
  { allow: ["10.0.0.0/8"], satisfy: "any" },
  { deny: Array.from({ length: 10_000 }, (_, nth) => `10.${Math.floor(nth / 256)}.${nth % 256}.0/24`) },
]);

refuses(access, [
  [{}, "", "allow, deny or rules", "nothing that names a source"],
  [{ allow: [] }, ".allow", "a list of 1 to 10000 sources"],
  [{ allow: ["10.0.0.1/8"] }, ".allow[0]", networkMeant("10.0.0.0/8")],
  [{ deny: ["2001:db8::1:0/64"] }, ".deny[0]", networkMeant("2001:db8::/64")],
  [{ allow: ["localhost"] }, ".allow[0]", expected],
  [{ allow: ["country:de"] }, ".allow[0]", expected],
  [{ allow: ["asn:0"] }, ".allow[0]", expected],
  [{ allow: ["asn:4294967296"] }, ".allow[0]", expected],
  [{ allow: ["all"] }, ".allow", "what may pass and no more, or no allow at all", '"all"'],
  [{ allow: ["::1"], satisfy: "one" }, ".satisfy", words("all", "any")],
  [{ rules: ["10.0.0.0/8"] }, ".rules[0]", rule],
  [{ rules: ["allow  10.0.0.0/8"] }, ".rules[0]", rule],
  [{ rules: ["deny 10.0.0.1/8"] }, ".rules[0]", networkMeant("10.0.0.0/8")],
  [{ rules: ["deny all", "allow all"] }, ".rules[1]", 'no rule behind one for "all": no request gets to it'],
]);
