/** `basicAuth` of a route: names and passwords (RFC 7617). */
import { byName, checkedText, flag } from "../kinds/fields.ts";
import { identityHeader } from "../kinds/identity-header.ts";
import { passwordHash } from "../kinds/password-hash.ts";
import { present } from "../present.ts";
import { option, optional, required, section, type ValuesOf } from "../section.ts";

const nameExpected = 'a name: 1 to 128 visible characters of ASCII without ":"';
const users = byName(
  checkedText(nameExpected, (written) => /^[\x21-\x39\x3b-\x7e]{1,128}$/.test(written)).meta({
    examples: ["alice", "ops@example.com"],
  }),
  passwordHash,
  { least: 1, most: 1_000, what: "users", nameExpected },
).meta({ secret: true, bounds: "1–1,000 users" });

export const basicAuth = section("WeirBasicAuth", {
  /** What browsers say that the password is for. */
  realm: option(
    checkedText("1 to 100 visible characters of ASCII without quotes and backslashes", (written) =>
      /^[\x20\x21\x23-\x5b\x5d-\x7e]{1,100}$/.test(written),
    ).meta({ examples: ["Restricted"] }),
    "Restricted",
  ),
  /** Passwords by name, each a hash that `npx weir hash-password` has made, as `${ENV:NAME}`. */
  users: required(users),
  /** Origins get the client's `Authorization`, with the password. */
  forward: option(flag(), false),
  /** A header in which origins get the user's name. From clients it is taken off, on all routes. */
  userHeader: optional(identityHeader, "none"),
});

export function compileBasicAuth({ realm, users, forward, userHeader }: ValuesOf<typeof basicAuth>) {
  return present({
    challenge: `Basic realm="${realm}", charset="UTF-8"`,
    users: new Map(Object.entries(users)),
    forward,
    userHeader,
  });
}
