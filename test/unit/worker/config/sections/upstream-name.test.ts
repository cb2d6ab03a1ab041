/** Where a config refers to an upstream. */
import { expect, test } from "vitest";

import { unknownUpstream } from "../../../../../worker/config/sections/upstream-name.ts";

const upstreams = { shop: {}, blog: {} };

test("a name of an upstream is no problem", () => {
  expect(unknownUpstream(["upstream"], "shop", upstreams)).toEqual([]);
});

test("a misspelt name gets the nearest one, and a strange one no suggestion", () => {
  expect(unknownUpstream(["upstream"], "shup", upstreams)).toEqual([
    { path: ["upstream"], expected: 'the name of an upstream of this config; the nearest is "shop"' },
  ]);
  expect(unknownUpstream(["upstream"], "constructor", {})).toEqual([
    { path: ["upstream"], expected: "the name of an upstream of this config" },
  ]);
});
