/** The credentials of the Basic scheme, as clients write them. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { isBasic, readBasicCredentials } from "../../../../../worker/proxy/request/basic-credentials.ts";

const encode = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

test("a name without a colon and a password of any characters are read as they were written", () => {
  const name = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
    .filter((text) => !text.includes(":"));
  const password = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(name, password, (user, secret) => {
      const read = readBasicCredentials(`Basic ${encode(`${user}:${secret}`)}`) ?? expect.unreachable();
      expect([
        read.name,
        new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(read.password),
      ]).toEqual([user, secret]);
    }),
  );
});

test("a password in Latin-1 is kept as its bytes, and a name in Latin-1 is none", () => {
  expect(readBasicCredentials(`Basic ${btoa("a:\u00e9")}`)?.password).toEqual(Uint8Array.from([0xe9]));
  expect(readBasicCredentials(`Basic ${btoa("\u00e9:a")}`)).toBeUndefined();
});

test("whatever a client sends is read without an error", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.base64String().map((text) => `Basic ${text}`),
      ),
      (text) => {
        const read = readBasicCredentials(text);
        if (read !== undefined) expect(isBasic(text)).toBe(true);
      },
    ),
  );
});
