/** Hashes of passwords: what `weir hash-password` writes is what the config reads, and nothing that the platform cannot check is one. */
import { pbkdf2Sync } from "node:crypto";
import { describe, expect, test } from "vitest";

import {
  formatPasswordHash,
  hashPassword,
  mostIterations,
  parsePasswordHash,
} from "../../../../../worker/config/kinds/password-hash.ts";
import { hashOf } from "../../../../../cli/hash-password.ts";

const utf8 = (written: string) => new TextEncoder().encode(written);

test("what the command prints is a hash of the password, as another library computes it", async () => {
  const written = await hashOf("grüße, 12 characters");
  const hash = parsePasswordHash(written) ?? expect.unreachable(written);
  expect(hash.iterations).toBe(mostIterations);
  const theirs = pbkdf2Sync("grüße, 12 characters", hash.salt, mostIterations, 32, "sha256");
  expect(Buffer.from(hash.hash)).toEqual(theirs);
  expect(formatPasswordHash(hash)).toBe(written);
  expect(written).not.toContain("grüße");
});

test("two hashes of a password have nothing in common, and one letter has one spelling", async () => {
  expect(await hashOf("a password")).not.toBe(await hashOf("a password"));
  const composed = parsePasswordHash(await hashOf("\u00e9")) ?? expect.unreachable();
  expect(await hashPassword(utf8("\u00e9"), composed)).toEqual(composed.hash);
  const decomposed = parsePasswordHash(await hashOf("e\u0301")) ?? expect.unreachable();
  expect(await hashPassword(utf8("\u00e9"), decomposed)).toEqual(decomposed.hash);
});

test.each(["", "a\nb", "a\0b", "x".repeat(513)])("%j is no password", async (password) => {
  await expect(hashOf(password)).rejects.toThrow(/password/);
});

describe("no hash is", () => {
  const [salt, hash] = ["c2FsdCBmb3IgdGVzdHM", "A".repeat(43)];
  test.each([
    "",
    "secret",
    `$pbkdf2-sha256$i=100001$${salt}$${hash}`,
    `$pbkdf2-sha256$i=999$${salt}$${hash}`,
    `$pbkdf2-sha512$i=1000$${salt}$${hash}`,
    `$pbkdf2-sha256$i=1000$$${hash}`,
    `$pbkdf2-sha256$i=1000$${salt}$${hash}A`,
    `$pbkdf2-sha256$i=1000$${salt}$${"_".repeat(43)}`,
    "$2y$10$abcdefghijklmnopqrstuuxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
  ])("%s", (written) => {
    expect(parsePasswordHash(written)).toBeUndefined();
  });
});
