/** Rules between values: what they find, where, and that a value that could not be read ends only the rule that reads it. */
import { describe, expect, test } from "vitest";
import type { Path } from "../../../../worker/config/parse/plain.ts";
import {
  distinct,
  giveWay,
  inEach,
  inOrder,
  judge,
  unread,
  withholding,
  within,
  type Rule,
} from "../../../../worker/config/rule.ts";

interface Values {
  readonly low: number;
  readonly high: number;
  readonly part?: { readonly size: number } | false;
  readonly items: readonly { readonly name: string }[];
}

const given: Values = { low: 1, high: 2, items: [{ name: "a" }, { name: "b" }, { name: "a" }] };
const at: Path = ["site"];
const found = (rule: Rule<Values>, values: Values = given) => judge([rule], values, at, "edge");
const wrong = { path: ["low"], expected: "another" };

/** The values, of which this one could not be read. */
const without = (key: keyof Values): Values => withholding({ ...given }, [[key, unread]]);

describe("a finding", () => {
  test.each<[string, ReturnType<Rule<Values>>, unknown]>([
    ["one problem", wrong, [{ ...wrong, path: ["site", "low"] }]],
    ["several", [wrong, wrong], [wrong, wrong].map((each) => ({ ...each, path: ["site", "low"] }))],
    ["none", undefined, []],
    ["none", false, []],
    ["none", [], []],
  ])("is %s, below the section", (_, finding, problems) => {
    expect(found(() => finding)).toEqual(problems);
  });

  test("of one rule stands beside those of others, and a rule knows where its section is, and the target", () => {
    const rules: Rule<Values>[] = [
      () => wrong,
      (_, ...place) => (expect(place).toEqual([at, "edge"]), wrong),
    ];
    expect(judge(rules, given, at, "edge")).toHaveLength(2);
  });
});

describe("a value that could not be read", () => {
  test("ends the rule that reads it, without a word, and no other rule", () => {
    const rules: Rule<Values>[] = [
      ({ low }) => (low === 0 ? undefined : wrong),
      ({ high }) => high > 0 && wrong,
    ];
    expect(judge(rules, without("low"), at, "edge")).toHaveLength(1);
    expect(judge(rules, given, at, "edge")).toHaveLength(2);
  });

  test("in one item of a list hides nothing of the others", () => {
    const items = withholding<{ name: string }[]>(
      [],
      [
        [0, { name: "a" }],
        [1, unread],
        [2, { name: "c" }],
      ],
    );
    const rule = inEach<Values, "items">("items", ({ name }) => ({ path: [], expected: name }));
    expect(found(rule, { ...given, items })).toEqual([
      { path: ["site", "items", 0], expected: "a" },
      { path: ["site", "items", 2], expected: "c" },
    ]);
  });

  test("is there all the same: a section has each of its keys", () => {
    expect(Object.keys(without("low"))).toContain("low");
  });

  test("is not what hides a fault of a rule itself", () => {
    const fault = new TypeError("a fault");
    expect(() =>
      found(() => {
        throw fault;
      }),
    ).toThrow(fault);
  });
});

test("a rule within an option is judged where the option is on, and finds below it", () => {
  const rule = within<Values, "part">(
    "part",
    ({ size }, { low }) => size !== low && { path: ["size"], expected: "1" },
  );
  expect(found(rule, { ...given, part: { size: 9 } })).toEqual([
    { path: ["site", "part", "size"], expected: "1" },
  ]);
  for (const part of [false, undefined, { size: given.low }] as const) {
    expect(found(rule, { ...given, ...(part !== undefined && { part }) })).toEqual([]);
  }
});

test("an item that means the same as an earlier one is found, with the place of the first; one that means nothing is not", () => {
  const problem = (first: Path): typeof wrong => ({ path: ["name"], expected: first.join(".") });
  const rule = distinct<Values, "items">("items", ({ name }) => name, problem);
  const items = [...given.items, { name: "a" }];
  expect(found(rule, { ...given, items })).toEqual([
    { path: ["site", "items", 2, "name"], expected: "site.items.0" },
    { path: ["site", "items", 3, "name"], expected: "site.items.0" },
  ]);
  expect(found(distinct<Values, "items">("items", () => undefined, problem))).toEqual([]);
});

test("of two options in order the lesser is blamed, if it is the greater one; equal ones are in order", () => {
  const rule = inOrder<Values>(["low", "high"]);
  expect(found(rule, { ...given, low: 3 })).toEqual([
    { path: ["site", "low"], expected: "at most site.high" },
  ]);
  expect(found(rule, { ...given, low: 2 })).toEqual([]);
});

test.each([
  ["the greater", { low: 3 }, [3, 3]],
  ["the lesser", { high: 1 }, [1, 1]],
  ["neither, as both are written", { low: 3, high: 1 }, [3, 1]],
  ["neither, as they are in order", { low: 1 }, [1, 2]],
])("a default gives way to what is written: %s", (_, written, [low, high]) => {
  const read = new Map<string, unknown>([["low", 2], ["high", 2], ...Object.entries(written)]);
  giveWay<Values>(read, written, ["low", "high"]);
  expect([read.get("low"), read.get("high")]).toEqual([low, high]);
});
