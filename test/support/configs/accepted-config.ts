/**
 * From a config whose parts may contradict each other to one that is accepted, by what the parser says: whatever an issue is about
 * is left out, or written plainly where it cannot be. So the rules are not written a second time; that none refuses too much shows in how
 * much of the configs is kept.
 */
import type * as fc from "fast-check";

import type { ConfigIssue } from "../../../worker/config/parse/issue.ts";
import { parseConfig } from "../../../worker/config/parse/parse.ts";
import type { Part } from "../../../worker/config/section.ts";
import { config } from "../../../worker/config/sections/config.ts";
import type { WeirConfig } from "../../../worker/config/weir-config.ts";
import { anyConfig } from "./any-config.ts";
import { changedAt, entriesOf, valueAt, withoutPlace, type Place } from "./places.ts";

/** More than any config needs: each round leaves less of it. */
const maxRounds = 100;

/** What is left of the config when it is accepted. Throws if the issues lead nowhere. */
export function accepted(written: unknown): WeirConfig {
  let left = written;
  const plain = new Set<string>();
  for (let round = 0; round < maxRounds; round++) {
    const issues = issuesOf(left);
    if (issues.length === 0) return left as WeirConfig;
    // From the end: then what is left out moves nothing that is still to come.
    for (const { place = [] } of issues.toReversed()) left = repaired(left, place, plain);
  }
  throw new Error(`still refused: ${JSON.stringify(issuesOf(left))}`);
}

export const validConfig: fc.Arbitrary<WeirConfig> = anyConfig.map(accepted);

export function issuesOf(raw: unknown): readonly ConfigIssue[] {
  const parsed = parseConfig(raw, () => undefined);
  return parsed.ok ? [] : parsed.issues;
}

/** Without the option at the place, or the nearest above it that can be left out; what is needed is written plainly once. */
function repaired(tree: unknown, place: Place, plain: Set<string>): unknown {
  for (let depth = place.length; depth > 0; depth--) {
    const at = place.slice(0, depth);
    if (canBeLeftOut(at) && !(wantsPlain(at) && !plain.has(JSON.stringify(at)))) {
      // What is missing, and may be, is wanted by something above it.
      if (valueAt(tree, at) === undefined) continue;
      return withoutPlace(tree, [...at, ...optionOfItem(tree, at)]);
    }
    const written = valueAt(tree, at);
    if (Array.isArray(written) && written.length > 1) return withoutPlace(tree, [...at, written.length - 1]);
    const value = plainValueAt(tree, at, plain.size);
    if (value === undefined || plain.has(JSON.stringify(at))) continue;
    plain.add(JSON.stringify(at));
    return changedAt(withoutPlace(tree, at), at.slice(0, -1), (parent) =>
      Object.fromEntries([...Object.entries(parent ?? {}), [at.at(-1), value]]),
    );
  }
  return plainConfig("a");
}

/** Of an item of a list the first option that can be left out: it may do without one. */
function optionOfItem(tree: unknown, item: Place): Place {
  if (typeof item.at(-1) !== "number") return [];
  const option = entriesOf(valueAt(tree, item)).find(([key]) => canBeLeftOut([...item, key]));
  return option === undefined ? [] : [option[0]];
}

/** Where a config refers to an upstream, it rather gets one that is there: most names at random are none's. */
function wantsPlain(place: Place): boolean {
  return place.at(-1) === "upstream";
}

function canBeLeftOut(place: Place): boolean {
  if (typeof place.at(-1) === "number") return true;
  const parent = partAt(place.slice(0, -1));
  return (
    parent?.about.is !== "section" || parent.about.options[String(place.at(-1))]?.presence !== "required"
  );
}

/** The part whose place it is; `undefined` within a value. */
export function partAt(place: Place): Part | undefined {
  return place.reduce<Part | undefined>((part, key) => part && below(part, key), config);
}

function below({ about }: Part, key: string | number): Part | undefined {
  switch (about.is) {
    case "value":
      return undefined;
    case "section":
      return about.options[key]?.part;
    case "switch":
      return below(about.section, key);
    case "list":
    case "named":
      return about.item;
  }
}

/** The least config, with names of its own. */
const plainConfig = (upstream: string, number = 0): unknown => ({
  upstreams: {
    [upstream]: {
      pools: [
        { name: `pool-${number}`, origins: [{ name: `origin-${number}`, url: "https://a.example.com" }] },
      ],
    },
  },
  routes: [{ upstream }],
});

/** The least that may stand there; `undefined` where the least config has nothing. */
function plainValueAt(tree: unknown, place: Place, number: number): unknown {
  const names = Object.keys(valueAt(tree, ["upstreams"]) ?? {});
  const [upstream = "a"] = names;
  // A route's own is the first one, what is beside it another, if there is one.
  if (wantsPlain(place)) return place.length === 3 ? upstream : names.at(-1);
  const inPlainConfig = place.map((key, depth) =>
    typeof key === "number" ? 0 : depth === 1 && place[0] === "upstreams" ? upstream : key,
  );
  return valueAt(plainConfig(upstream, number), inPlainConfig);
}
