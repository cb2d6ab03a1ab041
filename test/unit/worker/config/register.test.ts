/** What `register` may say, and where origins may be that register themselves. */
import { describe, expect, test } from "vitest";

import { parseRegistration } from "../../../../worker/config/registration.ts";
import { isAllowed, parseAddress, parseUrlPattern } from "../../../../worker/config/kinds/url-pattern.ts";
import { memberRules, withMembers } from "../../../../worker/config/with-members.ts";
import { upstreamOf } from "./acceptance.ts";
import { withUpstream } from "./example-config.ts";
import { home, issuesOf, nameExpected, refuses } from "./refusals.ts";

const secret = "s".repeat(32);
const urls = ["https://*.cloud.example.net"];
const withRegister = (register: unknown, parts: object = {}, root: object = {}) =>
  withUpstream({ pools: [{ name: "home", origins: [], register }], ...parts }, root);

test("needs a secret and a list of where origins may be, and has defaults for the rest", () => {
  const { pools } = upstreamOf(withRegister({ secret, urls }));
  expect(pools[0]).toMatchObject({ origins: [], register: { secret, everyMs: 10_000, max: 100 } });
  expect(pools[0]?.register).not.toHaveProperty("maxConns");
  const all = { secret, urls, every: "3s", max: 7, maxConns: 9 };
  expect(upstreamOf(withRegister(all)).pools[0]?.register).toMatchObject({
    everyMs: 3_000,
    max: 7,
    maxConns: 9,
  });
});

describe("what could not work is refused", () => {
  const at = `${home}.register`;
  const urlExpected = expect.stringContaining("a scheme, a host and a port") as unknown as string;
  refuses("secrets and numbers", (parts: object) => withRegister({ secret, urls, ...parts }), at, [
    [{ secret: "hunter2" }, ".secret", '"***"', "a secret of 32 to 256 characters, as ${ENV:NAME}"],
    [{ urls: [] }, ".urls", "[]", "a list of 1 to 100 URLs"],
    [{ max: 0 }, ".max", "0", "a whole number from 1 to 1000"],
    [{ maxConns: 0 }, ".maxConns", "0", "a whole number from 1 to 1000000"],
    [{ every: "500ms" }, ".every", '"500ms"', 'a duration such as "10s" (units: ms, s, m, h), from 1s to 5m'],
  ]);
  refuses("places that are none", (url: string) => withRegister({ secret, urls: [url] }), `${at}.urls[0]`, [
    ["cloud.example.net", "", '"cloud.example.net"', urlExpected],
    ["ftp://cloud.example.net", "", '"ftp://cloud.example.net"', urlExpected],
    ["https://cloud.example.net/admin", "", '"https://cloud.example.net/admin"', urlExpected],
    ["https://*", "", '"https://*"', urlExpected],
    ["https://cloud.example.net:9-8", "", '"https://cloud.example.net:9-8"', urlExpected],
    ["https://cloud.example.net:70000", "", '"https://cloud.example.net:70000"', urlExpected],
    ["http://10.0.0.0/33:80", "", '"http://10.0.0.0/33:80"', urlExpected],
    ["http://name.example.com/8", "", '"http://name.example.com/8"', urlExpected],
  ]);

  test("a pool without origins in which none may register", () => {
    expect(issuesOf(withUpstream({ pools: [{ name: "home", origins: [] }] }))).toMatchObject([
      { path: `${home}.origins`, expected: expect.stringContaining("a list of 1 to 1000 origins") },
    ]);
  });

  test("addresses at the edge, where nobody could fetch them; on workerd they are welcome", () => {
    const config = (target: string) =>
      withRegister({ secret, urls: ["http://10.0.0.0/8:8080"] }, {}, { target });
    expect(issuesOf(config("edge"))).toMatchObject([{ path: `${at}.urls[0]` }]);
    expect(issuesOf(config("workerd"))).toEqual([]);
  });

  test("beside regions", () => {
    const issues = issuesOf(withRegister({ secret, urls }, { regions: ["weur"] }));
    expect(issues).toMatchObject([{ path: at, found: "register beside regions" }]);
  });

  test("more origins than an upstream may have, with all that may come", () => {
    const issues = issuesOf(
      withUpstream({
        pools: [
          { name: "home", origins: [{ name: "a", url: "https://a.example.com" }] },
          { name: "cloud", origins: [], register: { secret, urls, max: 1_000 } },
        ],
      }),
    );
    expect(issues).toMatchObject([{ found: "1001 origins" }]);
  });
});

describe("an origin may be", () => {
  test.each([
    ["https://a.cloud.example.net", "https://*.cloud.example.net", true],
    ["https://a.b.cloud.example.net", "https://*.cloud.example.net", true],
    ["https://cloud.example.net", "https://*.cloud.example.net", false],
    ["https://evilcloud.example.net", "https://*.cloud.example.net", false],
    ["https://a.cloud.example.net.evil.example", "https://*.cloud.example.net", false],
    ["http://a.cloud.example.net", "https://*.cloud.example.net", false],
    ["https://a.cloud.example.net:8443", "https://*.cloud.example.net", false],
    ["https://a.cloud.example.net:8443", "https://*.cloud.example.net:*", true],
    ["http://10.1.2.3:8080", "http://10.0.0.0/8:8080", true],
    ["http://11.1.2.3:8080", "http://10.0.0.0/8:8080", false],
    ["http://10.1.2.3:8081", "http://10.0.0.0/8:8080-8081", true],
    ["http://10.1.2.3:8082", "http://10.0.0.0/8:8080-8081", false],
    ["http://10.1.2.3", "http://10.1.2.3", true],
    ["http://10.1.2.4", "http://10.1.2.3", false],
    // Other ways to write addresses are put into one form first.
    ["http://0x0a010203:8080", "http://10.0.0.0/8:8080", true],
    ["http://2130706433:80", "http://10.0.0.0/8:80", false],
    ["http://[fd00::7]:80", "http://[fd00::]/8:80", true],
    ["http://[fe80::7]:80", "http://[fd00::]/8:80", false],
    ["http://[::ffff:10.1.2.3]:8080", "http://10.0.0.0/8:8080", false],
    ["http://169.254.169.254", "http://10.0.0.0/8", false],
    ["http://localhost:8080", "http://127.0.0.0/8:8080", false],
  ])("at %s by %s: %s", (url, pattern, expected) => {
    const parsed = parseUrlPattern(pattern) ?? expect.fail("no pattern");
    expect(isAllowed(parseAddress(url) ?? expect.fail("no address"), [parsed])).toBe(expected);
  });

  test.each([
    "http://me:secret@10.1.2.3:80",
    "http://10.1.2.3/admin",
    "http://10.1.2.3?x",
    "http://10.1.2.3#x",
    "http://10.1.2.3\\@evil.example",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "//10.1.2.3",
    "http://",
    `http://${"a".repeat(600)}`,
  ])("nowhere that is not scheme, host and port alone: %s", (url) => {
    expect(parseAddress(url)).toBeUndefined();
  });
});

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

test("members stand beside the configured origins, in pools that take them; without them the config is itself", () => {
  const config = upstreamOf(withRegister({ secret, urls, maxConns: 5 }));
  expect(withMembers(config, [])).toBe(config);
  const member = { pool: "home", name: "m", url: "https://m.cloud.example.net" };
  const { pools } = withMembers(config, [member, { ...member, pool: "moon", name: "n" }]);
  expect(pools.map(({ origins }) => origins)).toEqual([
    [
      {
        name: "m",
        url: member.url,
        weight: 1,
        backup: false,
        via: "fetch",
        connection: "auto",
        registered: true,
        maxConns: 5,
      },
    ],
  ]);
  expect(memberRules(config).pools).toMatchObject([{ name: "home", everyMs: 10_000, max: 100 }]);
});
