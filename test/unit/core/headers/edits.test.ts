/** What headers become: order of edits, statuses, empty values, bounds, and that nothing that a client sends ends a header. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  defaultStatuses,
  isConstant,
  removeFields,
  renderWrites,
  writeFields,
  type HeaderWrite,
  type HowWritten,
} from "../../../../core/headers/edits.ts";
import { isTemplate, parseTemplate, type Template } from "../../../../core/templates/template.ts";

const templateOf = (text: string): Template => {
  const parsed = parseTemplate(text);
  return isTemplate(parsed) ? parsed : expect.unreachable(text);
};

const write = (how: HowWritten, name: string, ...texts: string[]): HeaderWrite => ({
  name,
  how,
  values: texts.map(templateOf),
});

const nothing = (): undefined => undefined;

function written(before: Record<string, string>, writes: readonly HeaderWrite[], status?: number): object {
  const headers = new Headers(before);
  writeFields(headers, renderWrites(writes, nothing, Infinity) ?? expect.unreachable(), status);
  return Object.fromEntries(headers);
}

test.each<[HowWritten, Record<string, string>, object]>([
  ["set", {}, { "x-a": "1" }],
  ["set", { "X-A": "0" }, { "x-a": "1" }],
  ["default", {}, { "x-a": "1" }],
  ["default", { "X-A": "0" }, { "x-a": "0" }],
  ["default", { "X-A": "" }, { "x-a": "" }],
  ["add", {}, { "x-a": "1" }],
  ["add", { "X-A": "0" }, { "x-a": "0, 1" }],
])("%s of a message with %j leaves %j", (how, before, after) => {
  expect(written(before, [write(how, "X-A", "1")])).toEqual(after);
});

test("several values are several fields, and an empty value takes the header off", () => {
  expect(written({ "x-a": "0" }, [write("set", "X-A", "1", "2")])).toEqual({ "x-a": "1, 2" });
  expect(written({ "x-a": "0" }, [write("set", "X-A", "")])).toEqual({});
  expect(written({ "x-a": "0" }, [write("set", "X-A", "${header.none}")])).toEqual({});
  expect(written({ "x-a": "0" }, [write("add", "X-A", "${header.none}")])).toEqual({ "x-a": "0" });
  expect(written({}, [write("default", "X-A", "")])).toEqual({});
});

test("what is behind a missing value is no blank at a header's end", () => {
  expect(written({}, [write("set", "X-A", "Bearer ${cookie.none}")])).toEqual({ "x-a": "Bearer" });
});

describe("statuses", () => {
  const onErrors = { ...write("set", "X-A", "1"), statuses: [{ from: 500, to: 599 }] };
  test.each([
    [499, {}],
    [500, { "x-a": "1" }],
    [599, { "x-a": "1" }],
  ])("an answer with %i gets %j of what is for 500 to 599", (status, after) => {
    expect(written({}, [onErrors], status)).toEqual(after);
  });

  test("what describes the content, or says how long to keep it, is for answers that have it; anything else for all", () => {
    const names = [
      "Cache-Control",
      "Content-Type",
      "content-disposition",
      "ETag",
      "Expires",
      "CDN-Cache-Control",
    ];
    for (const name of names) {
      const isFor = (status: number): boolean =>
        defaultStatuses(name)?.some(({ from, to }) => from <= status && status <= to) ?? true;
      expect([200, 201, 202, 204, 206, 301, 302, 303, 304, 305, 307, 308, 404, 503].filter(isFor)).toEqual([
        200, 201, 204, 206, 301, 302, 303, 304, 307, 308,
      ]);
    }
    for (const name of [
      "X-A",
      "Content-Security-Policy",
      "Content-Security-Policy-Report-Only",
      "Vary",
      "Set-Cookie",
    ])
      expect(defaultStatuses(name)).toBeUndefined();
  });
});

test("a pattern takes off all that begin so, but what Weir vouches for; a name takes off that one", () => {
  const headers = new Headers({
    "X-A-B": "1",
    "X-A": "2",
    "X-Request-Id": "3",
    "X-Forwarded-For": "4",
    "X-Real-IP": "5",
  });
  removeFields(headers, [{ prefix: "x-" }], "request");
  expect(Object.fromEntries(headers)).toEqual({
    "x-request-id": "3",
    "x-forwarded-for": "4",
    "x-real-ip": "5",
  });
  removeFields(headers, [{ name: "x-real-ip" }], "request");
  expect(headers.has("X-Real-IP")).toBe(false);
  const answer = new Headers({ "Access-Control-Allow-Origin": "*", "A-B": "1" });
  removeFields(answer, [{ prefix: "a" }], "response");
  expect(Object.fromEntries(answer)).toEqual({ "access-control-allow-origin": "*" });
});

test("values together have a bound, however often a template repeats what a client sends", () => {
  const many = [write("set", "X-A", "${header.x}".repeat(50)), write("set", "X-B", "${header.x}")];
  const long = (): string => "x".repeat(1_000);
  expect(renderWrites(many, long, 60_000)).toBeUndefined();
  expect(renderWrites(many, long, 200_000)).toHaveLength(2);
});

test("what has no variable is the same for every request", () => {
  expect(isConstant({ removed: [], writes: [write("set", "X-A", "1")] })).toBe(true);
  expect(isConstant({ removed: [], writes: [write("set", "X-A", "1", "${path}")] })).toBe(false);
});

/** Halves of pairs and controls, too. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes));

test("whatever a client sends, a value is visible ASCII in one line", () => {
  const all = [write("set", "X-A", "a${header.x}b", "${path}"), write("add", "X-B", "${arg.x}${query}")];
  fc.assert(
    fc.property(anyText, (said) => {
      const rendered = renderWrites(all, () => said, Infinity) ?? expect.unreachable();
      for (const text of rendered.flatMap(({ texts }) => texts)) expect(text).toMatch(/^[\t\x20-\x7e]+$/);
    }),
  );
});
