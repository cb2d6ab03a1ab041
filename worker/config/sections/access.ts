/** `access` of a route: who may use it, by where a request comes from. What it comes to is judged by `core/access/`. */
import { AccessRules, type AccessStep } from "../../../core/access/access.ts";
import { accessRule, accessSource } from "../kinds/access-source.ts";
import { list, oneOf } from "../kinds/fields.ts";
import { option, optional, section, type ValuesOf } from "../section.ts";

const sources = list(accessSource, 1, 10_000, "sources");

export const access = section(
  "WeirRouteAccess",
  {
    /** Networks, addresses, countries and operators that may use the route; all others may not. */
    allow: optional(sources, "all that `deny` does not name"),
    /** … that may not, also where `allow` names them. */
    deny: optional(sources, "none"),
    /** Both in an order of their own, `["allow 10.0.0.0/8", "deny all"]`: the first that names a source decides; between `deny` and `allow`, if there are such. What none of them names is refused. */
    rules: optional(list(accessRule, 1, 10_000, "rules"), "none"),
    /** `"all"`: a request has to pass this and whatever login the route asks for. `"any"`: one of them is enough. */
    satisfy: option(oneOf(["all", "any"]), "all"),
  },
  {
    rules: [
      ({ allow, deny, rules }) =>
        (allow ?? deny ?? rules) === undefined && {
          path: [],
          found: "nothing that names a source",
          expected: "allow, deny or rules",
        },
      ({ allow }) =>
        allow?.some(({ is }) => is === "all") === true && {
          path: ["allow"],
          found: '"all"',
          expected: "what may pass and no more, or no allow at all",
        },
      ({ rules = [] }) => {
        const first = rules.findIndex(({ sources }) => sources.some(({ is }) => is === "all"));
        if (first === -1 || first === rules.length - 1) return undefined;
        const expected = 'no rule behind one for "all": no request gets to it';
        return { path: ["rules", first + 1], expected };
      },
    ],
  },
);

type AccessValues = ValuesOf<typeof access>;

export interface AccessConfig {
  readonly rules: AccessRules;
  readonly satisfy: "all" | "any";
}

export function compileAccess(values: AccessValues): AccessConfig {
  const { allow, rules, satisfy } = values;
  const isOpen = rules === undefined && allow === undefined;
  return { rules: new AccessRules(stepsOf(values), isOpen), satisfy };
}

/** Deny before allow: a list that lets a network in may have holes. */
function stepsOf({ allow = [], deny = [], rules = [] }: AccessValues): AccessStep[] {
  return [{ allows: false, sources: deny }, ...rules, { allows: true, sources: allow }];
}
