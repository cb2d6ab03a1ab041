/** `when` of a rule or a route: what it asks of a request beside its path. `not` is such an object again, once. */
import * as z from "zod";
import type { Conditions, NamedTest, ValueTest } from "../../../core/rules/conditions.ts";
import { byName, checkedText, list, object, oneOf } from "../kinds/fields.ts";
import { hasControls, isMethod, isToken } from "../kinds/http-syntax.ts";
import { membership, network } from "../kinds/network.ts";
import { pattern } from "../kinds/pattern.ts";
import { present } from "../present.ts";
import { optional, section, type ValuesOf } from "../section.ts";

const valueExpected = 'true (there), false (not there), a text, a list of texts, or { "pattern": "…" }';
const plainText = checkedText(
  valueExpected,
  (written) => written.length <= 1_000 && !hasControls(written),
).meta({ examples: ["de"] });

/** What a header, an argument or a cookie must be. */
const value = z.union(
  [
    z.boolean(),
    plainText,
    list(plainText, 1, 100, "texts"),
    object("an object with the key pattern", {
      pattern: pattern.meta({ description: "A regular expression that is found in the value." }),
    }),
  ],
  { error: valueExpected },
);

const named = (expected: string, example: string, isName: (written: string) => boolean) =>
  byName(checkedText(expected, isName).meta({ examples: [example] }), value, {
    least: 1,
    most: 32,
    what: "names",
    nameExpected: expected,
  });

const header = named("a header's name", "X-Country", isToken);
const cookie = named("a cookie's name", "lang", isToken);
const argument = named(
  "an argument's name, decoded",
  "page",
  (written) => /^.{1,256}$/s.test(written) && !hasControls(written),
);

const method = checkedText('a method in capitals, such as "GET"', isMethod).meta({ examples: ["GET"] });

const conditions = {
  /** The methods, in capitals. */
  methods: optional(list(method, 1, 32, "methods"), "any"),
  /** Headers by name: `true` (there), `false` (not there), a text, a list of texts, or `{ pattern: "…" }`. */
  headers: optional(header, "any"),
  /** Arguments of the query by name, decoded; of several the first. */
  query: optional(argument, "any"),
  /** Cookies by name. */
  cookies: optional(cookie, "any"),
  /** Networks and addresses of clients, as far as a [trusted party](#forwarding-where-requests-come-from) says them. */
  clients: optional(list(network, 1, 10_000, "networks"), "any"),
  /** How the client came. */
  scheme: optional(oneOf(["http", "https"]), "either"),
};

const notWhen = section("WeirNotWhen", conditions);

export const when = section("WeirWhen", {
  ...conditions,
  /** The opposite of these conditions taken together. */
  not: optional(notWhen, "none"),
});

export function compileWhen({ not, ...values }: ValuesOf<typeof when>): Conditions {
  return present({ ...compileConditions(values), not: not && compileConditions(not) });
}

function compileConditions(values: ValuesOf<typeof notWhen>): Conditions {
  const { methods, headers, query, cookies, clients, scheme } = values;
  return present({
    methods,
    headers: headers && testsOf(headers, (name) => name.toLowerCase()),
    query: query && testsOf(query),
    cookies: cookies && testsOf(cookies),
    clients: clients && membership(clients),
    scheme,
  });
}

type Written = z.infer<typeof value>;

function testsOf(
  byName: Readonly<Record<string, Written>>,
  form = (name: string): string => name,
): NamedTest[] {
  return Object.entries(byName).map(([name, written]) => ({ name: form(name), test: testOf(written) }));
}

function testOf(written: Written): ValueTest {
  if (typeof written === "boolean") return { is: written ? "present" : "absent" };
  if (typeof written === "string") return { is: "one-of", texts: [written] };
  return "pattern" in written ? { is: "like", pattern: written.pattern } : { is: "one-of", texts: written };
}
