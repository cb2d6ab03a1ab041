/** A config with one mistake in it, as a person or a program makes it. */
import * as fc from "fast-check";

import type { WeirConfig } from "../../../worker/config/weir-config.ts";
import { changedAt, entriesOf, placesOf, valueAt, withoutPlace, type Place } from "./places.ts";
import { secretMark, treacherousNames } from "./any-config.ts";

export interface Mutation {
  readonly what: "replaced" | "left out" | "added" | "repeated" | "renamed";
  /** Of what is another, or gone, or too much. */
  readonly place: Place;
  readonly mutated: unknown;
}

const nested = (levels: number): unknown => (levels === 0 ? "deep" : { deep: [nested(levels - 1)] });

/** Of all types, beyond all bounds, and what is no data at all. */
const wrongValues: readonly (readonly unknown[])[] = [
  [null, true, false, 0, -1, 0.5, 1e300, -0, Number.NaN, Infinity, 10n],
  ["", "absent", "0s", "999999999h", "-1", "\0", "a\0b", "\r\nX: y", " ", "ü", "__proto__", "constructor"],
  ["${ENV:", "${ENV:NONE}", "http://", "https://user:password@a.example.com/?q", "x".repeat(70)],
  ["x".repeat(9_000), [], [[]], [null], ["a", "a"], {}, { name: "hash" }, { constructor: 1 }],
  [JSON.parse('{"__proto__":{"polluted":1}}'), nested(4), nested(20), () => "10s", Symbol("x"), new Map()],
];
const wrong = fc.constantFrom(...wrongValues.flat());

const strangeKeys = ["extra", "Pools", "upstream", "__proto__", "", "\0", "a b", "x".repeat(9_000)];
const strangeKey = fc.constantFrom(...strangeKeys, ...treacherousNames);

/** An own key of the name, also of `__proto__`. */
const withKey = (tree: unknown, key: string, value: unknown): unknown =>
  Object.fromEntries([...entriesOf(tree).filter(([other]) => other !== key), [key, value]]);

/** Any one thing that is wrong with the config. */
export function anyMutation(config: WeirConfig): fc.Arbitrary<Mutation> {
  const places = placesOf(config);
  const anyPlace = fc.constantFrom(...places);
  const keyed = [[], ...places].filter((place) => isKeyed(valueAt(config, place)));
  const keys = places.filter((place) => typeof place.at(-1) === "string");
  const items = places.filter((place) => typeof place.at(-1) === "number");
  const secrets = places.filter(
    (place) => place.at(-1) === "secret" || (place.at(-2) === "headers" && place.at(-3) === "health"),
  );
  return fc.oneof(
    { weight: 4, arbitrary: fc.tuple(anyPlace, wrong).map((wrong) => replaced(config, ...wrong)) },
    anyPlace.map((place) => ({ what: "left out", place, mutated: withoutPlace(config, place) }) as const),
    fc.tuple(fc.constantFrom(...keyed), strangeKey, wrong).map((extra) => added(config, ...extra)),
    fc.tuple(fc.constantFrom(...keys), strangeKey).map((key) => renamed(config, ...key)),
    fc.constantFrom(...items).map((place) => repeated(config, place)),
    ...secrets.map((place) => fc.constant(replaced(config, place, `${secretMark}\n`))).slice(0, 1),
  );
}

const isKeyed = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function replaced(config: WeirConfig, place: Place, value: unknown): Mutation {
  return { what: "replaced", place, mutated: changedAt(config, place, () => value) };
}

function added(config: WeirConfig, place: Place, key: string, value: unknown): Mutation {
  const mutated = changedAt(config, place, (section) => withKey(section, key, value));
  return { what: "added", place: [...place, key], mutated };
}

/** Under another name in the same place; what has that name already goes. */
function renamed(config: WeirConfig, place: Place, key: string): Mutation {
  const value = valueAt(config, place);
  const parent = place.slice(0, -1);
  const mutated = changedAt(withoutPlace(config, place), parent, (section) => withKey(section, key, value));
  return { what: "renamed", place: parent, mutated };
}

/** The item of a list comes again, right after itself. */
function repeated(config: WeirConfig, place: Place): Mutation {
  const index = Number(place.at(-1));
  const mutated = changedAt(config, place.slice(0, -1), (list) =>
    entriesOf(list).flatMap(([at, item]) => (at === index ? [item, item] : [item])),
  );
  return { what: "repeated", place: [...place.slice(0, -1), index + 1], mutated };
}
