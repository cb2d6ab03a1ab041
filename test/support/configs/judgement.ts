/** What holds of the judgement of any config: it is accepted, or refused in words that lead to what is wrong. */
import assert from "node:assert/strict";

import { interpolate } from "../../../worker/config/parse/interpolate.ts";
import type { ConfigIssue } from "../../../worker/config/parse/issue.ts";
import { formatPath } from "../../../worker/config/parse/notation.ts";
import { parseConfig } from "../../../worker/config/parse/parse.ts";
import { toPlain, type Problem } from "../../../worker/config/parse/plain.ts";
import { accepted, issuesOf, partAt } from "./accepted-config.ts";
import { secretMark } from "./any-config.ts";
import type { Mutation } from "./mutation.ts";
import { placesOf, valueAt, type Place } from "./places.ts";

const noEnv = (): undefined => undefined;

/** Judged the same from JSON, and left as it was; following its issues leads to a config that is accepted. Throws otherwise. */
export function checkJudgement(config: unknown): void {
  const written = JSON.stringify(config);
  const parsed = parseConfig(config, noEnv);
  assert.equal(JSON.stringify(config), written, "it is left as it was");
  assert.equal(JSON.stringify(parseConfig(JSON.parse(written), noEnv)), JSON.stringify(parsed), "from JSON");
  checkIssues(parsed.ok ? [] : parsed.issues, config);
  accepted(config);
}

/**
 * Accepted, or refused because of it: what cannot be read has all issues at its place, above or below it; where only a rule refuses the
 * value, another place may be named. Throws an AssertionError otherwise.
 */
export function checkMutation({ mutated, place }: Mutation): void {
  const issues = issuesOf(mutated);
  checkIssues(issues, mutated);
  const { at, isUnread, problems } = readAlone(mutated, place);
  const isAtPlace = (issue: ConfigIssue): boolean => areAligned(issue.place ?? [], at);
  const elsewhere = issues.filter((issue) => !isAtPlace(issue));
  if (isUnread) assert.deepEqual(elsewhere, [], `all of it has to do with ${formatPath(at)}`);
  if (problems.length > 0) assert.ok(issues.some(isAtPlace), `an issue at ${formatPath(at)}`);
  // Two upstreams have nothing to do with each other, but for their cookies.
  for (const { path, place: other = [] } of elsewhere) {
    const isAnother = at[0] === "upstreams" && other[0] === "upstreams" && at[1] !== other[1];
    assert.ok(!isAnother || other[2] === "sticky", `${path} has to do with ${formatPath(at)}`);
  }
  accepted(mutated);
}

interface ReadAlone {
  /** The part at the mutation's place, or the nearest above it. */
  readonly at: Place;
  readonly isUnread: boolean;
  readonly problems: readonly Problem[];
}

/** What the part says of its value, without the rest of the config. */
function readAlone(mutated: unknown, place: Place): ReadAlone {
  const depth = place.findIndex((_, index) => partAt(place.slice(0, index + 1)) === undefined);
  const at = depth === -1 ? place : place.slice(0, depth);
  const written = valueAt(mutated, at);
  const part = partAt(at);
  if (written === undefined || part === undefined) return { at, isUnread: false, problems: [] };
  const problems: Problem[] = [];
  const { value } = interpolate(toPlain(written).value, noEnv);
  const target = toPlain(valueAt(mutated, ["target"]) ?? "edge").value;
  const read = part.read(value, at, { target, problems });
  return { at, isUnread: typeof read === "symbol", problems };
}

/** Each leads to a place of the config, or to a key that is missing in one; and none says what is secret. */
function checkIssues(issues: readonly ConfigIssue[], config: unknown): void {
  const places = new Set([[], ...placesOf(config)].map((place) => JSON.stringify(place)));
  for (const issue of issues) {
    const { path, found, expected, place = [] } = issue;
    assert.ok(path !== "" && found !== "" && expected !== "", JSON.stringify(issue));
    assert.ok(found.length <= 100, `${found} is short`);
    const isMissing = found === "nothing" && places.has(JSON.stringify(place.slice(0, -1)));
    assert.ok(places.has(JSON.stringify(place)) || isMissing, `${path} is in the config, or missing there`);
    assert.ok(!JSON.stringify(issue).includes(secretMark), `no secret in ${JSON.stringify(issue)}`);
  }
}

/** Whether one is the other, or above it. */
const areAligned = (one: Place, other: Place): boolean =>
  one.every((key, depth) => depth >= other.length || key === other[depth]);
