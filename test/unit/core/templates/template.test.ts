import fc from "fast-check";
import { describe, expect, it, test } from "vitest";

import { escapeFor, type EscapePlace } from "../../../../core/templates/escape.ts";
import {
  isTemplate,
  lackingCapture,
  noGroups,
  parseTemplate,
  plainVariables,
  render,
  type Groups,
  type Template,
  type Variable,
} from "../../../../core/templates/template.ts";

const groups: Groups = { count: 2, names: ["file"] };

const parsed = (text: string): Template => {
  const template = parseTemplate(text);
  return isTemplate(template) ? template : expect.unreachable(JSON.stringify(template));
};

describe("a template", () => {
  test.each<[string, Template]>([
    ["", []],
    ["/plain $1 $x {y}", ["/plain $1 $x {y}"]],
    ["/a${path}?b=${query}", ["/a", { is: "path" }, "?b=", { is: "query" }]],
    ["${1}${2}${file}", [1, 2, "file"].map((group): Variable => ({ is: "capture", group }))],
    ["${header.X-User}", [{ is: "header", name: "x-user" }]],
    [
      "${cookie.Lang}${arg.a.b}",
      [
        { is: "cookie", name: "Lang" },
        { is: "arg", name: "a.b" },
      ],
    ],
  ])("is read: %s", (text, expected) => {
    expect(parseTemplate(text)).toEqual(expected);
  });

  test.each([
    ["a kind of variable that is none", "/${env.x}", '"${env.x}"'],
    ["one that does not end", "/${path", '"${path"'],
    ["one within another", "/${a${path}}", '"${a${path}}"'],
    ["a header without a name", "${header.}", '"${header.}"'],
    ["a name that is no token", "${cookie.a b}", '"${cookie.a b}"'],
    ["nothing", "${}", '"${}"'],
  ])("is refused for %s, which the issue quotes", (_, text, found) => {
    expect(parseTemplate(text)).toMatchObject({ found });
  });

  test.each([
    ["a number beyond the groups", "/${1}${3}", '"${3}"'],
    ["a name that no group has, which may be a typing error", "/${file}${uri}", '"${uri}"'],
  ])("lacks a capture for %s, and says which there are", (_, text, found) => {
    expect(lackingCapture(parsed(text), groups)).toEqual({
      found,
      expected: expect.stringContaining("${1} ${2} ${file}"),
    });
  });

  it("lacks none that its pattern has", () => {
    expect(lackingCapture(parsed("${1}${2}${file}${path}"), groups)).toBeUndefined();
    expect(lackingCapture(parsed("${1}"), noGroups)).toMatchObject({
      expected: expect.stringContaining("no pattern"),
    });
  });

  it("is read and rendered whatever the text: what is no variable stands for itself", () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes("${")),
        (text) => {
          expect(
            render(
              parsed(text),
              () => "x",
              (value) => value,
            ),
          ).toBe(text);
        },
      ),
    );
  });
});

describe("a value", () => {
  const path: Variable = { is: "path" };
  const header: Variable = { is: "header", name: "x" };
  const arg: Variable = { is: "arg", name: "x" };
  test.each<[EscapePlace, string, Variable, string]>([
    ["path", "/a%2Fb/ü?#", path, "/a%2Fb/%C3%BC%3F%23"],
    ["path", "100%", path, "100%25"],
    ["path", "a/../b%2F", header, "a/../b%252F"],
    ["argument", "/a b&c=d", path, "/a%20b%26c%3Dd"],
    ["query", "a=1&b=%20", { is: "query" }, "a=1&b=%20"],
    ["argument", "one+two", arg, "one%20two"],
    ["path", "one+two", arg, "one%20two"],
    ["argument", "1+1", path, "1%2B1"],
    ["path", "1+1", path, "1+1"],
    ["argument", "a;b=c", path, "a%3Bb%3Dc"],
    ["argument", "x%26y&z", header, "x%2526y%26z"],
    ["header", "a\r\nSet-Cookie: x", header, "a%0D%0ASet-Cookie: x"],
    ["header", " é ", header, "%C3%A9"],
    ["html", `<a href="x" class='y'>&`, header, "&lt;a href=&quot;x&quot; class=&#39;y&#39;&gt;&amp;"],
    ["json", 'a"\\\n</script>', header, String.raw`a\"\\\n<\/script>`],
    ["text", "<as it is>", header, "<as it is>"],
    ["path", "\ud800", header, "%EF%BF%BD"],
    ["path", "𝄞", header, "%F0%9D%84%9E"],
  ])("in %s: %j", (place, value, variable, escaped) => {
    expect(escapeFor(place, value, variable)).toBe(escaped);
  });

  const anyVariable = fc.constantFrom<Variable>(...plainVariables.map((is) => ({ is })), header, arg);

  it("never ends its place, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), anyVariable, (value, variable) => {
        expect(escapeFor("path", value, variable)).toMatch(/^[^?#\\\s]*$/);
        expect(escapeFor("query", value, variable)).toMatch(/^[^#\s]*$/);
        expect(escapeFor("argument", value, variable)).toMatch(/^[^#&;=+\s]*$/);
        expect(escapeFor("header", value, variable)).toMatch(/^[\t\x20-\x7e]*$/);
        expect(escapeFor("html", value, variable)).not.toMatch(/[<>"']/);
        expect(JSON.parse(`"${escapeFor("json", value, variable)}"`)).toBe(value);
      }),
    );
  });

  it("of plain text is what the reader of a query decodes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (value) => {
        const written = escapeFor("argument", value, header);
        expect(new URLSearchParams(`x=${written}`).get("x")).toBe(value.toWellFormed());
      }),
    );
  });
});
