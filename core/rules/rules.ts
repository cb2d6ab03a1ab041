/**
 * The rules of a route, in their order: what they make of a request before it is forwarded, or the answer that one of them gives. Each
 * rule has a match and one action. A rewrite changes the request's target and lets the next rule see the new one (`next`), ends the rules
 * (`break`), or sends the request through the choice of routes again (`last`); redirects and responses end everything. The words are those of
 * nginx's `rewrite`.
 *
 * A rule that answers or redirects keeps a request from the origins, so no spelling may go around it: a path that some server could read
 * as one of that rule's (`/private%2Fx`, `/private;a/x` beside the prefix `/private`) is refused, as between routes (`../routing/choose.ts`).
 */
import type { TooLong } from "../routing/match.ts";
import { otherReadings } from "../routing/readings.ts";
import { routingPath, stemOf } from "../routing/path.ts";
import { meets, type Conditions } from "./conditions.ts";
import { decodedPath, noCaptures, type Captures, type Pattern } from "./pattern.ts";
import { valuesOf, type PathMatch, type RequestFacts, type RequestPlace } from "./request-facts.ts";
import { renderUrl, targetOf, type UrlTemplate } from "./url-template.ts";
import type { ValueOf } from "../templates/template.ts";

/** Which paths a rule is for. Paths are in the form of `routingPath`. */
export type RulePath =
  | { readonly is: "any" }
  | { readonly is: "exact"; readonly path: string }
  | { readonly is: "prefix"; readonly path: string }
  | { readonly is: "like"; readonly pattern: Pattern };

/** What a rewrite does after it. */
export const rewriteEnds = ["next", "break", "last"] as const;
export type RewriteEnd = (typeof rewriteEnds)[number];

/** @template Answer what a rule answers with, which is for the caller to know. */
export type RuleAction<Answer> =
  | { readonly kind: "rewrite"; readonly to: UrlTemplate; readonly after: RewriteEnd }
  | { readonly kind: "redirect"; readonly to: UrlTemplate; readonly status: number }
  | { readonly kind: "respond"; readonly answer: Answer };

export interface RouteRule<Answer> {
  readonly path: RulePath;
  readonly when?: Conditions;
  readonly action: RuleAction<Answer>;
}

export type RulesOutcome<Answer> =
  /** The request goes on, with this target; absent: its own. */
  | { readonly kind: "pass"; readonly target?: string }
  /** The request is to be given the route of this target. */
  | { readonly kind: "reroute"; readonly target: string; readonly rule: number }
  | { readonly kind: "redirect"; readonly location: string; readonly status: number; readonly rule: number }
  /** It would lead to the very URL that was asked for. */
  | { readonly kind: "redirect-loop"; readonly rule: number }
  | { readonly kind: "respond"; readonly answer: Answer; readonly values: ValueOf; readonly rule: number }
  /** A rewritten path has dot segments, or names a host to some servers; or some could read the path as one that the rule answers. */
  | { readonly kind: "ambiguous-path"; readonly rule: number }
  /** A pattern is to see a path, or another value, that is longer than it is given. */
  | { readonly kind: "too-long"; readonly of: TooLong["tooLong"]; readonly rule: number };

/**
 * Applies the rules to a request.
 * @param keepsAmbiguous the origins read paths as Weir does, so other readings do not count.
 * @param captured what the route's own pattern has captured, for the rules without one.
 */
export function applyRules<Answer>(
  rules: readonly RouteRule<Answer>[],
  facts: RequestFacts,
  asked: RequestPlace,
  keepsAmbiguous = false,
  captured: Captures = noCaptures,
): RulesOutcome<Answer> {
  let place = asked;
  let others: readonly string[] | undefined;
  for (const [rule, { path, when, action }] of rules.entries()) {
    if (path.is === "like" && place.routingPath.length > path.pattern.longest)
      return { kind: "too-long", of: "target", rule };
    const match = matchPath(path, place.routingPath, captured);
    if (match === undefined) {
      if (keepsAmbiguous || action.kind === "rewrite") continue;
      others ??= otherReadings(place.routingPath) ?? [];
      if (!others.some((other) => matchPath(path, other, captured) !== undefined)) continue;
    }
    const isMet = when === undefined || meets(when, facts, place);
    if (typeof isMet === "object") return { kind: "too-long", of: isMet.tooLong, rule };
    if (!isMet) continue;
    if (match === undefined) return { kind: "ambiguous-path", rule };
    const values = valuesOf(facts, place, match);
    if (action.kind === "respond") return { kind: "respond", answer: action.answer, values, rule };
    const to = renderUrl(action.to, values, place.query);
    if (action.kind === "redirect") {
      const location = (to.base ?? "") + targetOf(to) + action.to.fragment;
      return isSame(to, facts, asked)
        ? { kind: "redirect-loop", rule }
        : { kind: "redirect", location, status: action.status, rule };
    }
    if (leadsAway(to.path)) return { kind: "ambiguous-path", rule };
    place = { path: to.path, query: to.query, routingPath: routingPath(to.path) };
    others = undefined;
    if (action.after === "last") return { kind: "reroute", target: targetOf(place), rule };
    if (action.after === "break") break;
  }
  return place === asked ? { kind: "pass" } : { kind: "pass", target: targetOf(place) };
}

function matchPath(rule: RulePath, path: string, captured: Captures): PathMatch | undefined {
  switch (rule.is) {
    case "any":
      return { rest: path, captures: captured };
    case "exact":
      return path === rule.path ? { rest: "", captures: captured } : undefined;
    case "prefix": {
      const stem = stemOf(rule.path);
      if (path !== stem && !path.startsWith(`${stem}/`)) return undefined;
      return { rest: path.slice(stem.length), captures: captured };
    }
    case "like": {
      const captures = rule.pattern.find(decodedPath(path));
      return captures && { rest: "", captures };
    }
  }
}

/** Whether a server could take the path for one that leads out of it, or for a host's name. */
function leadsAway(path: string): boolean {
  const read = routingPath(path);
  return /(?:^|\/)\.{1,2}(?:\/|$)/.test(read) || otherReadings(read) === undefined;
}

function isSame(
  to: { readonly base?: string; readonly path: string; readonly query: string },
  { scheme, host }: RequestFacts,
  asked: RequestPlace,
): boolean {
  const isHere = to.base === undefined || plainBase(to.base) === plainBase(`${scheme}://${host}`);
  return isHere && to.path === asked.path && to.query === asked.query;
}

/** In lower case, without the scheme's own port. */
function plainBase(base: string): string {
  const lower = base.toLowerCase();
  if (lower.startsWith("http:")) return lower.replace(/:80$/, "");
  return lower.replace(/:443$/, "");
}
