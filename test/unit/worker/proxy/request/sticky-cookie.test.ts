/** The sticky cookie: only Weir reads it, only Weir writes it, and the application's cookies never notice. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";

import type { Sticky } from "../../../../../core/model/upstream.ts";
import {
  createStickyCodec,
  isCurrent,
  readCookies,
  stickySetCookie,
  withoutCookie,
  type Assignment,
  type StickyCodec,
} from "../../../../../worker/proxy/request/sticky-cookie.ts";

const secret = "correct horse battery staple, and more";
const assignment: Assignment = {
  session: "0b1e2a54-6a3c-4b8e-9a51-0123456789ab",
  upstream: "shop",
  origin: "rack-1",
  epoch: 3,
  startedMs: 1_790_000_000_000,
  seenMs: 1_790_000_060_000,
};
const sticky: Sticky = {
  cookie: "weir",
  ttlMs: 8 * 3_600_000,
  idleMs: 1_800_000,
  path: "/",
  homecoming: true,
};

let codec: StickyCodec;
beforeAll(async () => {
  codec = await createStickyCodec(secret);
});

const time = fc.integer({ min: 0, max: 9_999_999_999_999 });
const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
const assignments = fc.record(
  {
    session: fc.uuid(),
    upstream: name,
    origin: name,
    epoch: fc.maxSafeNat(),
    startedMs: time,
    seenMs: time,
    returned: fc.constant(true as const),
  },
  { requiredKeys: ["session", "upstream", "origin", "epoch", "startedMs", "seenMs"] },
);

describe("a sealed assignment", () => {
  test("opens to what it was, for the same secret and upstream", async () => {
    const again = await createStickyCodec(secret);
    await fc.assert(
      fc.asyncProperty(assignments, async (sealed) => {
        const value = await codec.seal(sealed);
        expect(await again.open(value, sealed.upstream)).toEqual(sealed);
      }),
    );
  });

  test("says nothing of the origin, by its text or its length, and is never the same twice", async () => {
    await fc.assert(
      fc.asyncProperty(assignments, assignments, async (one, other) => {
        const [value, otherValue] = [await codec.seal(one), await codec.seal(other)];
        expect(otherValue).toHaveLength(value.length);
        expect(value).toMatch(/^1\.[\w-]+$/);
        expect(await codec.seal(one)).not.toBe(value);
      }),
    );
  });

  test("fits a browser's limit for a cookie", async () => {
    expect((await codec.seal(assignment)).length).toBeLessThan(1024);
  });

  test("does not open for another upstream", async () => {
    expect(await codec.open(await codec.seal(assignment), "blog")).toBeUndefined();
  });

  test("does not open with another secret", async () => {
    const foreign = await createStickyCodec(`${secret}!`);
    expect(await foreign.open(await codec.seal(assignment), "shop")).toBeUndefined();
  });

  test("does not open when any one character was changed", async () => {
    const value = await codec.seal(assignment);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    await fc.assert(
      fc.asyncProperty(fc.nat(value.length - 1), fc.constantFrom(...alphabet.split("")), async (at, char) => {
        fc.pre(value[at] !== char);
        expect(await codec.open(value.slice(0, at) + char + value.slice(at + 1), "shop")).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  test("does not open cut short, lengthened, of another version, or as any other text", async () => {
    const value = await codec.seal(assignment);
    const spoilt = [
      value.slice(0, -1),
      value.slice(0, -4),
      `${value}A`,
      `${value}=`,
      `2${value.slice(1)}`,
      value.slice(2),
    ];
    for (const text of [
      ...spoilt,
      "",
      "1.",
      "weir",
      "A".repeat(100_000),
      "1.".padEnd(306, "é"),
      "1.".padEnd(306, "A"),
    ]) {
      expect(await codec.open(text, "shop")).toBeUndefined();
    }
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        expect(await codec.open(text, "shop")).toBeUndefined();
      }),
    );
  });

  test("that is too long is refused, not cut", async () => {
    await expect(codec.seal({ ...assignment, origin: "x".repeat(300) })).rejects.toThrow(RangeError);
  });
});

test("a secret of less than 32 characters is refused, without repeating it", async () => {
  const error: unknown = await createStickyCodec("too short to be secret").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RangeError);
  expect(String(error)).toContain("22 characters; expected at least 32");
  expect(String(error)).not.toContain("too short");
});

describe("a session is current", () => {
  const now = 1_790_000_000_000;
  const day = 86_400_000;
  test.each<readonly [string, number, number, boolean]>([
    ["just begun", now, now, true],
    ["to its last moment", now - sticky.ttlMs + 1, now, true],
    ["not past its lifetime", now - sticky.ttlMs, now, false],
    ["while it is used", now - sticky.idleMs, now - sticky.idleMs + 1, true],
    ["not idle for too long", now - sticky.idleMs, now - sticky.idleMs, false],
    ["by a clock that is a day ahead", now + day, now + day, true],
    ["not by one that is further ahead", now + day + 1, now, false],
    ["not when last seen further ahead", now, now + day + 1, false],
  ])("%s", (_name, startedMs, seenMs, expected) => {
    expect(isCurrent({ ...assignment, startedMs, seenMs }, sticky, now)).toBe(expected);
  });
});

describe("a Cookie header", () => {
  test.each([
    ["weir=abc", ["abc"]],
    ["a=1; weir=abc; b=2", ["abc"]],
    ["a=1;weir=abc;b=2", ["abc"]],
    ["weir=first; weir=second", ["first", "second"]],
    ["weir=a=b==", ["a=b=="]],
    ["weir=", [""]],
    // Several fields, as workerd joins them.
    ["weir=abc, a=1", ["abc"]],
    ["a=1, weir=abc", ["abc"]],
    ["a=1; b=2, weir=abc, weir=def; c=3, d=4", ["abc", "def"]],
    ["xweir=1; weirx=2; Weir=3", []],
    ["a=weir=1", []],
    ["weir", []],
    ["", []],
  ])("%s holds the values %j", (header, values) => {
    expect(readCookies(header, "weir")).toEqual(values);
  });

  test.each([
    ["weir=abc", null],
    ["weir=abc; weir=def", null],
    ["weir=abc; a=1", "a=1"],
    ["a=1; weir=abc", "a=1"],
    ["a=1; weir=abc; b=2", "a=1; b=2"],
    ['a="x, y";weir=abc;  b=2 ', 'a="x, y";  b=2 '],
    ["xweir=1; Weir=2; weir", "xweir=1; Weir=2; weir"],
    ["weir=abc, a=1", "a=1"],
    ["a=1,2, weir=abc, b=3", "a=1,2; b=3"],
    ["a=1,2; b=3, c=4", "a=1,2; b=3, c=4"],
  ])("%s without Weir's own is %s", (header, rest) => {
    expect(withoutCookie(header, "weir")).toBe(rest);
  });

  test("keeps the application's cookies byte for byte, in their order", () => {
    const pair = fc
      .stringMatching(/^[a-z]{1,8}=[!-+\--:<-~]{0,12}$/)
      .filter((text) => !text.startsWith("weir="));
    fc.assert(
      fc.property(fc.array(pair), fc.array(fc.nat(20)), (pairs, places) => {
        const header = pairs.join("; ");
        expect(withoutCookie(header, "weir")).toBe(header);
        const mixed = [...pairs];
        for (const place of places) mixed.splice(place, 0, "weir=sealed");
        const rest = withoutCookie(mixed.join("; "), "weir");
        expect(rest ?? "").toBe(header);
        expect(readCookies(mixed.join("; "), "weir")).toEqual(places.map(() => "sealed"));
      }),
    );
  });
});

describe("the Set-Cookie field", () => {
  const cookie = { ...sticky, sameSite: "lax", httpOnly: true, partitioned: false } as const;

  test("is closed to scripts and to other sites", () => {
    expect(stickySetCookie("v", { sticky: cookie, isHttps: false })).toBe(
      "weir=v; Path=/; Max-Age=28800; HttpOnly; SameSite=Lax",
    );
  });

  test("is closed to plain HTTP on HTTPS, and says its domain", () => {
    const shop = { ...cookie, path: "/shop", domain: "example.com", ttlMs: 1_500 };
    expect(stickySetCookie("v", { sticky: shop, isHttps: true })).toBe(
      "weir=v; Path=/shop; Domain=example.com; Max-Age=2; HttpOnly; SameSite=Lax; Secure",
    );
  });

  test("says what the config says of it, whichever way the client came", () => {
    const open = { ...cookie, sameSite: "none", secure: true, httpOnly: false, partitioned: true } as const;
    expect(stickySetCookie("v", { sticky: open, isHttps: false })).toBe(
      "weir=v; Path=/; Max-Age=28800; SameSite=None; Secure; Partitioned",
    );
    const strict = { ...cookie, sameSite: "strict", secure: false } as const;
    expect(stickySetCookie("v", { sticky: strict, isHttps: true })).toBe(
      "weir=v; Path=/; Max-Age=28800; HttpOnly; SameSite=Strict",
    );
  });
});
