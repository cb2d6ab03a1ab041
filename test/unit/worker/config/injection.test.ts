/**
 * What a config says gets into request lines, header fields and cookies. No text of one can end there before its time, whether it is
 * written in the config or comes out of the environment. The texts are those of accepted configs at random, one of each option.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatPath } from "../../../../worker/config/parse/notation.ts";
import { parseConfig } from "../../../../worker/config/parse/parse.ts";
import { validConfig } from "../../../support/configs/accepted-config.ts";
import { changedAt, placesOf, valueAt, type Place } from "../../../support/configs/places.ts";

/** The body of a page or an answer, the key of an HMAC, and what only an editor reads may have any character. */
const mayHaveAny =
  /(\.pages\.[\d-]+|\.page|\.respond\.body|register\.secret|webhook\.secret|loadReports\.secret|^\$schema)$/;

/** The option, without the names and numbers on the way to it. */
const optionAt = (place: Place): string =>
  place
    .map((key, depth) => (typeof key === "number" || place[depth - 1] === "upstreams" ? "*" : key))
    .join(".");

const texts = new Map<string, readonly [raw: unknown, place: Place]>();
// The smallest config that has a text is the quickest to judge.
const sample = fc
  .sample(validConfig, { numRuns: 40, seed: 1 })
  .map((raw) => ({ raw, places: placesOf(raw) }));
for (const { raw, places } of sample.toSorted((a, b) => a.places.length - b.places.length)) {
  for (const place of places) {
    const isText = typeof valueAt(raw, place) === "string" && !mayHaveAny.test(optionAt(place));
    if (isText && !texts.has(optionAt(place))) texts.set(optionAt(place), [raw, place]);
  }
}

function issuesAt(raw: unknown, place: Place, added: string, evil: string): string[] {
  const parsed = parseConfig(
    changedAt(raw, place, (text) => `${String(text)}${added}`),
    () => evil,
  );
  return parsed.ok ? [] : parsed.issues.map(({ path }) => path);
}

test("there are texts of most options", () => {
  expect(texts.size).toBeGreaterThan(60);
});

describe.each(["\r\nX-Injected: 1", "\nX-Injected: 1", "\rX", "\0"])("with %j behind it", (evil) => {
  test.each([...texts])("%s is refused", (_, [raw, place]) => {
    expect(issuesAt(raw, place, evil, evil)).toContain(formatPath(place));
    expect(issuesAt(raw, place, "${ENV:EVIL}", evil)).toContain(formatPath(place));
  });
});
