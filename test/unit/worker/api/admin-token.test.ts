/** Which requests the admin token admits; and that a token that could be guessed admits none. */
import { expect, test } from "vitest";

import { admit } from "../../../../worker/api/admin-token.ts";

const token = "0123456789abcdef";

test("the token admits, and nothing else does, each with its reason", async () => {
  expect(await admit(`Bearer ${token}`, token)).toEqual({ ok: true });
  expect(await admit(`Bearer ${token}0`, token)).toMatchObject({ ok: false, why: "wrong-token" });
  expect(await admit(`Basic ${token}`, token)).toMatchObject({ ok: false, why: "no-token" });
  expect(await admit(undefined, token)).toMatchObject({ ok: false, why: "no-token" });
});

test.each(["a", token.slice(1)])(
  "%s as the token opens nothing, also to a caller that presents it, and the refusal says why",
  async (short) => {
    expect(await admit(`Bearer ${short}`, short)).toMatchObject({
      ok: false,
      why: "token-set-too-short",
      message: expect.stringContaining("fewer than 16 characters"),
    });
  },
);

test.each([undefined, ""])("%j as the token opens nothing", async (none) => {
  expect(await admit("Bearer ", none)).toMatchObject({ ok: false, why: "no-token-set" });
});
