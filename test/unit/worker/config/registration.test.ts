/** What an origin says that registers itself. */
import { describe, expect, test } from "vitest";
import { parseRegistration } from "../../../../worker/config/registration.ts";
import { nameExpected } from "./tables.ts";

describe("a registration", () => {
  test("is a name and a URL, in canonical form", () => {
    expect(parseRegistration('{"name":"cloud-7","url":"HTTP://A.example.com:80/"}')).toEqual({
      ok: true,
      body: { name: "cloud-7", url: "http://a.example.com" },
    });
  });

  test("is refused with every issue at once", () => {
    const parsed = parseRegistration('{"name":"","url":"http://a/b","leaving":1,"maxConns":9}');
    expect(parsed).toMatchObject({
      ok: false,
      issues: [
        { path: "name", expected: nameExpected },
        { path: "url", expected: "http: or https:, a host and a port, and nothing else" },
        { path: "leaving", expected: "true or false" },
        { path: "maxConns", found: 'unknown key "maxConns"' },
      ],
    });
  });

  test.each(["", "null", "[]", '"x"', "{", `{"__proto__":{"name":"x"}}`])("is none: %j", (json) => {
    expect(parseRegistration(json)).toMatchObject({ ok: false });
  });
});
