/** `rules` of a route: rewrites, redirects and answers, in order. What they come to is applied by `core/rules/`. */
import { rewriteEnds, type RouteRule, type RuleAction, type RulePath } from "../../../core/rules/rules.ts";
import { lackingInUrl } from "../../../core/rules/url-template.ts";
import { lackingCapture, type Groups } from "../../../core/templates/template.ts";
import { redirect, respond, type RuleAnswer } from "../kinds/answer.ts";
import { oneOf } from "../kinds/fields.ts";
import { pattern } from "../kinds/pattern.ts";
import { path } from "../kinds/route-match.ts";
import { rewriteTarget } from "../kinds/template.ts";
import type { Problem } from "../parse/plain.ts";
import { present } from "../present.ts";
import type { Rule } from "../rule.ts";
import { optional, ruled, section, type ValuesOf } from "../section.ts";
import { compileWhen, when } from "./when.ts";

const options = section("WeirRule", {
  /** This path only. At most one of `exact`, `prefix` and `pattern`; none: any path. Rules see paths as routes do, and as the rules before have left them. */
  exact: optional(path, "any path"),
  /** The path and all paths below it; `${rest}` is what follows it. */
  prefix: optional(path, "any path"),
  /** A regular expression (RE2's syntax: no look-around, no back-references) that is found in the path, decoded but for `%2F`, `%5C`, `%25` and controls. `${1}` and `${name}` are what its groups have captured; in a rule without one, those of the route's `pattern`. A path of more than 4,096 characters gets `414`; of a large pattern, of fewer (400,000 ÷ its steps). */
  pattern: optional(pattern, "any path"),
  /** What else must hold. */
  when: optional(when, "nothing else"),
  /** The request's new path, with variables. Without a `?` in it the query stays as it is. */
  rewrite: optional(rewriteTarget, "no rewrite"),
  /** What comes after a rewrite. `"next"`: the rules that follow see the new path. `"break"`: no more rules; the request goes to the route's upstream. `"last"`: the request takes the route of its new path, from the start, ten times at most. */
  after: optional(oneOf(rewriteEnds), '`"next"`'),
  /** Sends the client to another path or URL: with `302`, or `{ to, status }`. Without a `?` in it the query stays as it is. Of what a client sends only `${host}` can stand in the host. */
  redirect: optional(redirect, "no redirect"),
  /** Answers in an origin's place: a status, or `{ status, body, type, headers }`. A status from 400 without a body has Weir's own page, or that of `errors`. */
  respond: optional(respond, "no answer"),
});

type RuleValues = ValuesOf<typeof options>;

const paths = ["exact", "prefix", "pattern"] as const;
const actions = ["rewrite", "redirect", "respond"] as const;

const written = (values: RuleValues, keys: readonly (keyof RuleValues)[]): string[] =>
  keys.filter((key) => values[key] !== undefined);

const rulesOfRule: readonly Rule<RuleValues>[] = [
  (values) => {
    const found = written(values, paths);
    return (
      found.length > 1 && {
        path: [],
        found: found.join(" and "),
        expected: `at most one of ${paths.join(", ")}`,
      }
    );
  },
  (values) => {
    const found = written(values, actions).join(" and ");
    if (written(values, actions).length === 1) return undefined;
    return { path: [], found: found || "no action", expected: `one of ${actions.join(", ")}` };
  },
  ({ rewrite, after }) =>
    after !== undefined && rewrite === undefined && { path: ["after"], expected: "a rewrite beside it" },
  ({ redirect, exact, when }) => {
    const isItself = when === undefined && exact !== undefined && redirect?.to.base === undefined;
    const [only, ...others] = redirect?.to.path ?? [];
    return (
      isItself &&
      only === exact &&
      others.length === 0 && {
        path: ["redirect"],
        found: "the path that the rule is for",
        expected: "another path",
      }
    );
  },
];

export const rule = ruled(options, rulesOfRule);

/** What the templates of a rule lack: captures that no group has. @param groups those of its pattern, or of its route's. */
export function captureProblems(
  { rewrite, redirect, respond }: RuleValues,
  groups: Groups,
): readonly Problem[] {
  const texts = [...(respond?.body ? [respond.body] : []), ...Object.values(respond?.headers ?? {})];
  const lacking = [
    { path: ["rewrite"], problem: rewrite && lackingInUrl(rewrite, groups) },
    { path: ["redirect"], problem: redirect && lackingInUrl(redirect.to, groups) },
    ...texts.map((text) => ({ path: ["respond"], problem: lackingCapture(text, groups) })),
  ];
  return lacking.flatMap(({ path, problem }) => (problem === undefined ? [] : [{ path, ...problem }]));
}

/** Whether no request gets past the rules: the last one is for all of them, and answers or redirects. */
export function answersAll(rules: readonly RuleValues[]): boolean {
  const last = rules.at(-1);
  if (last === undefined || last.when !== undefined || last.rewrite !== undefined) return false;
  return written(last, paths).length === 0 && !rules.some(({ after }) => after === "break");
}

/** A rule as requests are held to it. */
export type CompiledRule = RouteRule<RuleAnswer>;

export function compileRule(values: RuleValues): CompiledRule {
  return present({
    path: pathOf(values),
    when: values.when && compileWhen(values.when),
    action: actionOf(values),
  });
}

function pathOf({ exact, prefix, pattern }: RuleValues): RulePath {
  if (exact !== undefined) return { is: "exact", path: exact };
  if (prefix !== undefined) return { is: "prefix", path: prefix };
  return pattern === undefined ? { is: "any" } : { is: "like", pattern };
}

function actionOf({ rewrite, redirect, respond, after = "next" }: RuleValues): RuleAction<RuleAnswer> {
  if (rewrite !== undefined) return { kind: "rewrite", to: rewrite, after };
  if (redirect !== undefined) return { kind: "redirect", ...redirect };
  if (respond !== undefined) return { kind: "respond", answer: respond };
  throw new Error("no config with a rule without an action is accepted");
}
