/** What holds of the judgement of any config: it is accepted, or refused in words that lead to what is wrong. */
import assert from "node:assert/strict";

import type { ConfigIssue } from "../../../worker/config/parse/issue.ts";
import { formatPath } from "../../../worker/config/parse/notation.ts";
import { parseConfig } from "../../../worker/config/parse/parse.ts";
import type { WeirConfig } from "../../../worker/config/weir-config.ts";
import type { Mutation } from "./mutation.ts";
import { placesOf } from "./places.ts";
import { agrees } from "./reconciled.ts";
import { secretMark } from "./values.ts";

const noEnv = (): undefined => undefined;

/** Accepted if its parts agree, and only then; and the same again from JSON. Throws an AssertionError otherwise. */
export function checkPlausible(config: WeirConfig): void {
  const written = JSON.stringify(config);
  const parsed = parseConfig(config, noEnv);
  assert.equal(JSON.stringify(config), written, "it is left as it was");
  assert.equal(JSON.stringify(parseConfig(JSON.parse(written), noEnv)), JSON.stringify(parsed), "from JSON");
  const issues = parsed.ok ? [] : parsed.issues;
  assert.equal(parsed.ok, agrees(config), `accepted if its parts agree: ${JSON.stringify(issues)}`);
  checkIssues(issues, config);
}

/**
 * Accepted, or refused because of it: each issue is at the place of the mutation, above or below it, or where a rule relates
 * that place to. Throws an AssertionError otherwise.
 */
export function checkMutation({ mutated, place }: Mutation): void {
  const parsed = parseConfig(mutated, noEnv);
  if (parsed.ok) return;
  assert.ok(parsed.issues.length > 0, "a refusal says why");
  checkIssues(parsed.issues, mutated);
  const at = formatPath(place);
  for (const { path } of parsed.issues) {
    assert.ok(areAligned(path, at) || areRelated(path, at), `${path} has to do with ${at}`);
  }
}

/** Each leads to a place of the config, or to a key that is missing in one; and none says what is secret. */
function checkIssues(issues: readonly ConfigIssue[], config: unknown): void {
  const places = new Set(["(config)", ...placesOf(config).map(formatPath)]);
  for (const issue of issues) {
    const { path, found, expected } = issue;
    assert.ok(path !== "" && found !== "" && expected !== "", JSON.stringify(issue));
    assert.ok(found.length <= 100, `${found} is short`);
    const isMissing = found === "nothing" && places.has(parentOf(path));
    assert.ok(places.has(path) || isMissing, `${path} is in the config, or missing there: ${found}`);
    assert.ok(!JSON.stringify(issue).includes(secretMark), `no secret in ${JSON.stringify(issue)}`);
  }
}

const parentOf = (path: string): string => path.replace(/(^|\.)[\w-]+$/, "") || "(config)";

/** Whether one is the other, or above it. */
const areAligned = (one: string, other: string): boolean => isWithin(one, other) || isWithin(other, one);

const isWithin = (inner: string, outer: string): boolean =>
  outer === "(config)" ||
  inner === outer ||
  (inner.startsWith(outer) && /[.[]/.test(inner.charAt(outer.length)));

/**
 * The rules between places, each as the places that it relates: what is wrong with one of them may be said of another. `U` is
 * any one upstream, `[N]` any item.
 */
const rules: readonly (readonly string[])[] = [
  ["U", "routes[N].upstream"],
  ["upstreams", "routes[N].upstream"],
  ["routes[N]"],
  ["routes[N].https.hsts.preload", "routes[N].https.hsts.includeSubDomains", "routes[N].https.hsts.maxAge"],
  ["target", "U.pools[N].origins[N].url"],
  ["target", "U.pools[N].register.urls[N]"],
  ["U.pools[N].name", "U.autoscale.pool"],
  ["U.pools[N].origins[N].name"],
  ["U.regions[N]"],
  ["U.health.headers"],
  ["U.rewrite.cookieDomains"],
  ["U.errors.pages"],
  ["U.sticky.cookie", "U.sticky.domain", "U.sticky.path"],
  ["U.health.timeout", "U.health.interval", "U.burst.exit.for"],
  ["U.passive.eject", "U.passive.maxEject"],
  ["U.sticky.idle", "U.sticky.ttl"],
  ["U.timeouts.headers", "U.timeouts.total"],
  ["U.pools[N].origins[N].via", "U.pools[N].origins[N].url", "U.pools[N].origins[N].host"],
  ["U.pools[N].origins[N].via", "U.pools[N].origins[N].connection"],
  ["U.pools[N].origins[N].access", "U.pools[N].origins[N].url"],
  ["U.pools[N].origins[N].weight", "U.pools[N].origins"],
  ["U.pools[N].origins", "U.pools[N].register", "U.pools"],
  ["U.pools[N].cost", "U.pools[N].budget"],
  ["U.regions", "U.queue", "U.pools[N].budget", "U.pools[N].register"],
  ["U.queue", "U.regions", "U.burst.enter", "U.pools[N].budget.whenUsedUp"],
  ["U.pools", "U.pools[N].capacity", "U.pools[N].origins[N].maxConns", "U.autoscale", "U.burst"],
  ["U.autoscale.min", "U.autoscale.max"],
  ["U.burst.enter", "U.burst.exit"],
  ["U.sticky.homecoming", "U.burst.sessions"],
];

/** Two upstreams have nothing to do with each other, but for their cookies. */
const cookies = ["U.sticky", "routes[N].host", "routes[N].upstream"];

function areRelated(one: string, other: string): boolean {
  const [a, b] = [generic(one), generic(other)];
  const relates = (rule: readonly string[]): boolean =>
    rule.some((place) => areAligned(a.path, place)) && rule.some((place) => areAligned(b.path, place));
  const isSame = a.upstream === undefined || b.upstream === undefined || a.upstream === b.upstream;
  return relates(cookies) || (isSame && rules.some(relates));
}

function generic(path: string): { readonly path: string; readonly upstream: string | undefined } {
  const { upstream } = /^upstreams(?<upstream>\.[\w-]+|\["(?:[^"\\]|\\.)*…?"?\])/.exec(path)?.groups ?? {};
  const rest = upstream === undefined ? path : `U${path.slice("upstreams".length + upstream.length)}`;
  return { path: rest.replaceAll(/\[\d+\]/g, "[N]"), upstream };
}
