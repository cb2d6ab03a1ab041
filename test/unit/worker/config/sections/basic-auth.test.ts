/** `basicAuth` of a route: its users, and that no word of a wrong one is a secret. */
import { expect, test } from "vitest";

import { parsePasswordHash } from "../../../../../worker/config/kinds/password-hash.ts";
import { basicAuth as section } from "../../../../../worker/config/sections/basic-auth.ts";
import { accepts, inRoute, issuesOf, refuses } from "../tables.ts";

const basicAuth = inRoute(section);
const hash = `$pbkdf2-sha256$i=1000$c2FsdCBmb3IgdGVzdHM$${"A".repeat(43)}`;
const headerExpected =
  'a header\'s name of letters, digits and "-" that means nothing else, such as "X-User"';

accepts(basicAuth, [
  [
    { users: { alice: hash } },
    {
      challenge: 'Basic realm="Restricted", charset="UTF-8"',
      users: new Map([["alice", parsePasswordHash(hash)]]),
      forward: false,
    },
  ],
  [
    { users: { alice: hash }, realm: "Shop's own", forward: true, userHeader: "X-User" },
    {
      challenge: 'Basic realm="Shop\'s own", charset="UTF-8"',
      users: new Map([["alice", parsePasswordHash(hash)]]),
      forward: true,
      userHeader: "X-User",
    },
  ],
]);

refuses(basicAuth, [
  [{}, ".users", "an object of 1 to 1000 users"],
  [{ users: {} }, ".users", "an object of 1 to 1000 users"],
  [
    { users: { "a:b": hash } },
    '.users["a:b"]',
    'a name: 1 to 128 visible characters of ASCII without ":"',
    'key "a:b"',
  ],
  [{ users: { a: hash }, realm: 'a"b' }, ".realm", /without quotes/],
  [{ users: { a: hash }, userHeader: "X_User" }, ".userHeader", headerExpected],
  [{ users: { a: hash }, userHeader: "X-Forwarded-For" }, ".userHeader", headerExpected],
  [{ users: { a: hash }, userHeader: "Host" }, ".userHeader", headerExpected],
  [{ users: { a: hash }, userHeader: "Cookie" }, ".userHeader", headerExpected],
]);

test("a password in the place of a hash is in no issue", () => {
  const issues = issuesOf(basicAuth.make({ users: { alice: "my password" } }));
  expect(issues).toMatchObject([{ path: "routes[0].basicAuth.users.alice", found: '"***"' }]);
  expect(JSON.stringify(issuesOf(basicAuth.make({ users: ["alice:my password"] })))).not.toContain(
    "my password",
  );
});
