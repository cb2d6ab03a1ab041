/** A password is looked at once, and what an isolate keeps of it opens nothing else. */
import { expect, test } from "vitest";

import { hashPassword, type PasswordHash } from "../../../../../worker/config/kinds/password-hash.ts";
import { PasswordCheck } from "../../../../../worker/proxy/request/password-check.ts";

const utf8 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(new TextEncoder().encode(text));

async function hashOf(password: string, salt: string): Promise<PasswordHash> {
  const parameters = { iterations: 1_000, salt: utf8(salt) };
  return { ...parameters, hash: await hashPassword(utf8(password), parameters) };
}

test("what one user's password was found to be says nothing of another user's, nor of another list's", async () => {
  const check = new PasswordCheck();
  const users = new Map([
    ["alice", await hashOf("one", "a")],
    ["bob", await hashOf("two", "b")],
  ]);
  const others = new Map([["alice", await hashOf("three", "c")]]);
  const verdict = async (list: typeof users, name: string, password: string): Promise<string> =>
    (await check.verdict(list, { name, password: utf8(password) }, 1, 0)).kind;
  for (const _ of [1, 2]) {
    expect(await verdict(users, "alice", "one")).toBe("good");
    expect(await verdict(users, "bob", "one")).toBe("bad");
    expect(await verdict(others, "alice", "one")).toBe("bad");
    expect(await verdict(others, "alice", "three")).toBe("good");
  }
});

test("requests that come at the same time before there is a key get the same verdict", async () => {
  const check = new PasswordCheck();
  const users = new Map([["alice", await hashOf("one", "a")]]);
  const asked = Array.from({ length: 3 }, () =>
    check.verdict(users, { name: "alice", password: utf8("one") }, 1, 0),
  );
  expect(await Promise.all(asked)).toEqual(asked.map(() => ({ kind: "good" })));
});

test("no password comes to the hash that stands for names that are not known", async () => {
  const check = new PasswordCheck();
  const users = new Map([["alice", await hashOf("one", "a")]]);
  for (const password of ["one", "\0", "\0".repeat(32)]) {
    const verdict = await check.verdict(users, { name: "nobody", password: utf8(password) }, 1, 0);
    expect(verdict).toEqual({ kind: "bad", why: "unknown-user" });
  }
});
