/** Headers that tell an origin the user: none that already means something. */
import { expect, test } from "vitest";

import { isIdentityHeader } from "../../../../../worker/config/kinds/identity-header.ts";

test.each(["X-User", "remote-user", "X-Auth-Request-Email", "Roles"])("%s may tell the user", (name) => {
  expect(isIdentityHeader(name)).toBe(true);
});

test.each(
  [
    "Host",
    "Connection",
    "Content-Length",
    "Cookie",
    "Authorization",
    "X-Forwarded-For",
    "X-Real-IP",
    "X-Request-Id",
    "X-Weir-Pool",
    "CF-Connecting-IP",
    "Forwarded",
    "Via",
    "Proxy",
    "X_User",
    "X User",
    "",
    "1",
  ].flatMap((name) => [name, name.toLowerCase()]),
)("%s may not", (name) => {
  expect(isIdentityHeader(name)).toBe(false);
});
