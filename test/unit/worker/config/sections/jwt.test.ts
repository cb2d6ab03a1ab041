/** `jwt` and `cloudflareAccess` of a route: what a token is held to. */
import { describe, expect, test } from "vitest";

import {
  cloudflareAccess as accessSection,
  jwt as section,
} from "../../../../../worker/config/sections/jwt.ts";
import { tokenKeys } from "../../../../../worker/config/kinds/token-keys.ts";
import { withRoutes } from "../example-config.ts";
import { accepts, duration, inRoute, issuesOf, refuses, unknownKey } from "../tables.ts";

const jwt = inRoute(section);
const least = { keys: "https://login.test/jwks", issuer: "https://login.test/", audience: "shop" };
const compiled = {
  ...least,
  audience: ["shop"],
  keepKeysMs: 86_400_000,
  algorithms: ["RS256", "ES256"],
  header: "Authorization",
  cookie: undefined,
  required: [],
  told: [],
  toleranceS: 5,
};
const key = { kty: "EC", crv: "P-256", x: "eA", y: "eQ", kid: "one" };

accepts(jwt, [
  [least, compiled],
  [
    { ...least, audience: false, cookie: "t" },
    { ...compiled, audience: undefined, header: undefined, cookie: "t" },
  ],
  [
    {
      ...least,
      keys: [key],
      requiredClaims: { a: true, b: "c", d: ["e", "f"] },
      claimsToHeaders: { "X-User": "sub" },
    },
    {
      ...compiled,
      keys: [key],
      required: [
        { name: "a", oneOf: [] },
        { name: "b", oneOf: ["c"] },
        { name: "d", oneOf: ["e", "f"] },
      ],
      told: [["X-User", "sub"]],
    },
  ],
]);

refuses(jwt, [
  [{ ...least, audience: undefined }, ".audience", /^an audience, a list/, "nothing"],
  [{ ...least, keys: "http://login.test/jwks" }, ".keys", /^the https: URL/],
  [{ ...least, keys: [] }, ".keys", "a list of 1 to 16 keys"],
  [{ ...least, algorithms: ["HS256"] }, ".algorithms[0]", /^one of "RS256"/],
  [{ ...least, algorithms: ["none"] }, ".algorithms[0]", /^one of "RS256"/],
  [{ ...least, keepKeys: "1m" }, ".keepKeys", duration("10m", "168h")],
  [{ ...least, claimsToHeaders: { Host: "sub" } }, ".claimsToHeaders.Host", /^a header's name/, 'key "Host"'],
  [{ ...least, secret: "x" }, ".secret", unknownKey(), 'unknown key "secret"'],
]);

accepts(inRoute(accessSection), [
  [
    { team: "acme.cloudflareaccess.com", audience: "tag", emailHeader: "X-Email" },
    {
      ...compiled,
      keys: "https://acme.cloudflareaccess.com/cdn-cgi/access/certs",
      issuer: "https://acme.cloudflareaccess.com",
      audience: ["tag"],
      algorithms: ["RS256"],
      header: "Cf-Access-Jwt-Assertion",
      told: [["X-Email", "email"]],
    },
  ],
]);

test.each([{ ...key, d: "c2VjcmV0" }, { kty: "oct", k: "c2VjcmV0" }, {}])(
  "%j is no public key",
  (written) => {
    expect(tokenKeys.safeParse([written]).success).toBe(false);
  },
);

describe("two logins that come in one header", () => {
  const hash = `$pbkdf2-sha256$i=1000$c2FsdCBmb3IgdGVzdHM$${"A".repeat(43)}`;
  const route = { upstream: "shop", basicAuth: { users: { alice: hash } } };
  const issues = (more: object): unknown => issuesOf(withRoutes({ ...route, ...more }));

  test("cannot both be asked for", () => {
    expect(issues({ jwt: least })).toMatchObject([
      { path: "routes[0].jwt", found: "two logins in Authorization" },
    ]);
  });

  test("may be asked for by different names, or where one of them is enough", () => {
    expect(issues({ jwt: { ...least, cookie: "t" } })).toEqual([]);
    expect(issues({ jwt: { ...least, header: "X-Token" } })).toEqual([]);
    expect(issues({ jwt: least, access: { allow: ["::1"], satisfy: "any" } })).toEqual([]);
  });
});
