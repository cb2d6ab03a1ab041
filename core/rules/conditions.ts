/**
 * What a rule or a route asks of a request beside its path: method, scheme, headers, arguments, cookies, network. All of it must hold. `not` is the opposite of the
 * conditions in it taken together (as Caddy's `not` matcher).
 */
import type { TooLong, RouteVerdict } from "../routing/match.ts";
import type { Pattern } from "./pattern.ts";
import { argumentOf, decoded, type RequestFacts, type RequestPlace } from "./request-facts.ts";

/** What a value must be. */
export type ValueTest =
  | { readonly is: "present" }
  | { readonly is: "absent" }
  | { readonly is: "one-of"; readonly texts: readonly string[] }
  | { readonly is: "like"; readonly pattern: Pattern };

/** A value by its name. */
export interface NamedTest {
  readonly name: string;
  readonly test: ValueTest;
}

export interface Conditions {
  readonly methods?: readonly string[];
  /** Names in lower case. */
  readonly headers?: readonly NamedTest[];
  readonly query?: readonly NamedTest[];
  readonly cookies?: readonly NamedTest[];
  /** Whether an address is one of the clients that are meant. */
  readonly clients?: (address: string) => boolean;
  readonly scheme?: string;
  readonly not?: Conditions;
}

/** What conditions go by. */
export type ConditionFacts = Pick<RequestFacts, "method" | "scheme" | "client" | "header" | "cookie">;

/** Whether the request meets all of the conditions. */
export function meets(
  conditions: Conditions,
  facts: ConditionFacts,
  { query }: Pick<RequestPlace, "query">,
): RouteVerdict {
  const { methods, headers, query: args, cookies, clients, scheme, not } = conditions;
  if (methods?.includes(facts.method) === false) return false;
  if (scheme !== undefined && scheme !== facts.scheme) return false;
  if (clients !== undefined && (facts.client === undefined || !clients(facts.client))) return false;
  const argument = (name: string): string | undefined => {
    const written = argumentOf(query, name);
    return written === undefined ? undefined : decoded(written);
  };
  const held = [
    holdAll(headers, facts.header, "headers"),
    holdAll(cookies, facts.cookie, "headers"),
    holdAll(args, argument, "target"),
  ];
  if (held.includes(false)) return false;
  const unknown = held.find((one) => typeof one === "object");
  if (unknown !== undefined) return unknown;
  const excluded = not !== undefined && meets(not, facts, { query });
  return typeof excluded === "object" ? excluded : !excluded;
}

function holdAll(
  tests: readonly NamedTest[] | undefined,
  valueOf: (name: string) => string | undefined,
  part: TooLong["tooLong"],
): RouteVerdict {
  let unknown: TooLong | undefined;
  for (const { name, test } of tests ?? []) {
    const held = holds(test, valueOf(name));
    if (held === false) return false;
    if (held === undefined) unknown = { tooLong: part };
  }
  return unknown ?? true;
}

/** `undefined`: the value is too long for the pattern. */
function holds(test: ValueTest, value: string | undefined): boolean | undefined {
  switch (test.is) {
    case "present":
      return value !== undefined;
    case "absent":
      return value === undefined;
    case "one-of":
      return value !== undefined && test.texts.includes(value);
    case "like":
      if (value === undefined) return false;
      return value.length > test.pattern.longest ? undefined : test.pattern.test(value);
  }
}
