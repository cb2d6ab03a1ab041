/**
 * Tables of what a section accepts, and what is made of it; and of what it refuses, each row one wrong thing and the one issue that it
 * must give. What an issue found is the value at its path, unless the row says otherwise.
 */
import { expect, test } from "vitest";
import type * as z from "zod";
import type { Part } from "../../../../worker/config/section.ts";
import { config as configSection, type Config } from "../../../../worker/config/sections/config.ts";
import type { OriginConfig } from "../../../../worker/config/sections/origin.ts";
import type { PoolConfig } from "../../../../worker/config/sections/pool.ts";
import { route as routeSection, type RouteConfig } from "../../../../worker/config/sections/route.ts";
import {
  upstream as upstreamSection,
  type UpstreamConfig,
} from "../../../../worker/config/sections/upstream.ts";
import type { ConfigIssue } from "../../../../worker/config/parse/issue.ts";
import { formatPath } from "../../../../worker/config/parse/notation.ts";
import { parseConfig } from "../../../../worker/config/parse/parse.ts";
import { placesOf, valueAt } from "../../../support/configs/places.ts";
import { emptyEnv, leastConfig, withOrigin, withRoutes, withUpstream } from "./example-config.ts";

/** Where the parts of the example configs are. */
export const shop = "upstreams.shop";
export const home = `${shop}.pools[0]`;
export const origin = `${home}.origins[0]`;

export const nameExpected = 'a name: 1 to 64 letters, digits, ".", "_" or "-", the first a letter or digit';
export const secretExpected = "a secret of 32 to 256 characters, as ${ENV:NAME}";
export const networkExpected =
  'a network or an address, such as "10.0.0.0/8" or "2001:db8::1", with no bits set beyond its prefix';
export const networkMeant = (network: string): string => `"${network}", with no bits set beyond its prefix`;
export const duration = (least: string, most: string): string =>
  `a duration such as "10s" (units: ms, s, m, h), from ${least} to ${most}`;
export const size = (least: string, most: string): string =>
  `a size such as "10MB" (units: B, KB, MB, GB, KiB, MiB, GiB), from ${least} to ${most}`;
export const whole = (least: number, most: number): string => `a whole number from ${least} to ${most}`;
export const words = (...known: readonly string[]): string =>
  `one of ${known.map((word) => JSON.stringify(word)).join(", ")}`;
/** Of a key that is not known the suggestion counts, and not the list of all that are. */
export const unknownKey = (suggestion?: string): RegExp =>
  suggestion === undefined ? /^one that is known here: / : new RegExp(`^"${suggestion}"\\? Known here: `);
/** A section that can be switched; without the list of all its keys. */
export const switchExpected = /^an object \(keys: \w.*\), true, or false$/;

/** A place of a config that a table is about. */
export interface Scope {
  /** The example config with this in its place. */
  readonly make: (part: unknown) => unknown;
  readonly base: string;
  /** What becomes of it. */
  readonly compiled: (config: Config) => unknown;
}

/** A section or another part of a config, as its file declares it; or the key of an option that has no file of its own. */
type Subject<Values> = (keyof Values & string) | Part | z.ZodType;

/** The key of the subject among the options of the section around it. */
export function keyOf<Values>(around: Part, subject: Subject<Values>): string {
  if (typeof subject === "string") return subject;
  const { about } = around;
  const isSubject = (part: Part): boolean =>
    part === subject || (part.about.is === "value" && part.about.schema === subject);
  const options = about.is === "section" ? Object.entries(about.options) : [];
  return options.find(([, { part }]) => isSubject(part))?.[0] ?? expect.unreachable("it has no such option");
}

const valueOf = (compiled: object | undefined, key: string): unknown =>
  compiled && Reflect.get(compiled, key);

export function inRoot(subject: Subject<Config>): Scope {
  const base = keyOf(configSection, subject);
  return {
    make: (part) => ({ ...leastConfig(), [base]: part }),
    base,
    compiled: (config) => valueOf(config, base),
  };
}

export function inRoute(subject: Subject<RouteConfig>): Scope {
  const key = keyOf(routeSection, subject);
  return {
    make: (part) => withRoutes({ upstream: "shop", [key]: part }),
    base: `routes[0].${key}`,
    compiled: ({ routes }) => valueOf(routes[0], key),
  };
}

/** `beside` are other parts of the upstream. */
export function inUpstream(subject: Subject<UpstreamConfig>, beside: object = {}): Scope {
  const key = keyOf(upstreamSection, subject);
  return {
    make: (part) => withUpstream({ ...beside, [key]: part }),
    base: `${shop}.${key}`,
    compiled: ({ upstreams }) => valueOf(upstreams[0], key),
  };
}

/** Parts of an upstream that are written together. */
export const upstreamParts: Scope = {
  make: (parts) => withUpstream(parts as object),
  base: shop,
  compiled: ({ upstreams }) => upstreams[0],
};

/** Parts of the only origin. */
export const originParts: Scope = {
  make: (parts) => withOrigin(parts as object),
  base: origin,
  compiled: (config): OriginConfig | undefined => firstPool(config)?.origins[0],
};

export const firstPool = ({ upstreams }: Config): PoolConfig | undefined => upstreams[0]?.pools[0];

/** The issues of a config in an empty environment, without where they are in the raw config; none if it is accepted. */
export function issuesOf(raw: unknown): readonly ConfigIssue[] {
  const parsed = parseConfig(raw, emptyEnv);
  return parsed.ok ? [] : textsOf(parsed.issues);
}

export function textsOf(issues: readonly ConfigIssue[]): ConfigIssue[] {
  return issues.map(({ path, found, expected }) => ({ path, found, expected }));
}

export function accepted(raw: unknown): Config {
  const parsed = parseConfig(raw, emptyEnv);
  if (!parsed.ok) expect(parsed.issues).toEqual([]);
  return parsed.ok ? parsed.config : expect.unreachable();
}

/** Its first upstream. */
export const upstreamOf = (raw: unknown): UpstreamConfig =>
  accepted(raw).upstreams[0] ?? expect.unreachable();

/** Each is accepted, and comes to this and nothing else; to itself where nothing is said. */
export function accepts(
  { make, base, compiled }: Scope,
  rows: readonly (readonly [part: unknown, compiled?: unknown])[],
): void {
  const cases = rows.map((row) => [row[0], row.length === 1 ? row[0] : row[1]]);
  test.each(cases)(`${base}: %j comes to %j`, (part, expected) => {
    expect(compiled(accepted(make(part)))).toEqual(expected);
  });
}

/** Each is accepted: neighbours of what is refused. */
export function allows({ make, base }: Scope, parts: readonly unknown[]): void {
  test.each(parts.map((part) => [part]))(`${base} may be %j`, (part) => {
    expect(issuesOf(make(part))).toEqual([]);
  });
}

type Refusal = readonly [part: unknown, path: string, expected: string | RegExp, found?: string];

/** Each is refused with exactly its issue, at the path below the scope's. */
export function refuses({ make, base }: Scope, rows: readonly Refusal[]): void {
  const cases = rows.map(([part, below, expected, found]) => {
    const raw = make(part);
    const path = base === "" ? below : base + below;
    return { raw, path, found: found ?? foundAt(raw, path), expected };
  });
  test.each(cases)("refused: $path, found $found", ({ raw, expected, ...issue }) => {
    const text: unknown = typeof expected === "string" ? expected : expect.stringMatching(expected);
    expect(issuesOf(raw)).toEqual([{ ...issue, expected: text }]);
  });
}

/** Each value, with nothing beside it, is refused at its own path. */
export function refusesValues(
  scope: Scope,
  rows: readonly (readonly [path: string, value: unknown, expected: string | RegExp, found?: string])[],
): void {
  const part = (path: string, value: unknown): unknown =>
    path
      .split(".")
      .slice(1)
      .reduceRight((below, key) => ({ [key]: below }), value);
  refuses(
    scope,
    rows.map(([path, value, ...issue]): Refusal => [part(path, value), path, ...issue]),
  );
}

function foundAt(raw: unknown, path: string): string {
  const place = [[], ...placesOf(raw)].find((each) => formatPath(each) === path);
  const value = place && valueAt(raw, place);
  return value === undefined ? "nothing" : JSON.stringify(value);
}
