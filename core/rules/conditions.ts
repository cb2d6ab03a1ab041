/**
 * What a rule asks of a request beside its path: method, scheme, headers, arguments, cookies, network. All of it must hold. `not` is the opposite of the
 * conditions in it taken together (as Caddy's `not` matcher).
 */
import { longestMatched, type Pattern } from "./pattern.ts";
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

/** Whether the request meets all of the conditions. */
export function meets(
  conditions: Conditions,
  facts: RequestFacts,
  { query }: Pick<RequestPlace, "query">,
): boolean {
  const { methods, headers = [], query: args = [], cookies = [], clients, scheme, not } = conditions;
  if (methods?.includes(facts.method) === false) return false;
  if (scheme !== undefined && scheme !== facts.scheme) return false;
  if (clients !== undefined && (facts.client === undefined || !clients(facts.client))) return false;
  const argument = (name: string): string | undefined => {
    const written = argumentOf(query, name);
    return written === undefined ? undefined : decoded(written);
  };
  return (
    headers.every(({ name, test }) => holds(test, facts.header(name))) &&
    args.every(({ name, test }) => holds(test, argument(name))) &&
    cookies.every(({ name, test }) => holds(test, facts.cookie(name))) &&
    !(not !== undefined && meets(not, facts, { query }))
  );
}

function holds(test: ValueTest, value: string | undefined): boolean {
  switch (test.is) {
    case "present":
      return value !== undefined;
    case "absent":
      return value === undefined;
    case "one-of":
      return value !== undefined && test.texts.includes(value);
    case "like":
      return value !== undefined && value.length <= longestMatched && test.pattern.test(value);
  }
}
