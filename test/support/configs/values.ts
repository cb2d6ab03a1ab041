/** The pieces that a config at random is made of: at their bounds and between them, and with what has a meaning elsewhere. */
import * as fc from "fast-check";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Words that mean something to JavaScript, and nothing as a name. */
export const treacherousNames = ["constructor", "toString", "hasOwnProperty", "valueOf", "then", "0", "10"];

export const textOf = (characters: string, maxLength = 8, minLength = 1): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...characters.split("")), minLength, maxLength });

/** Few enough that some meet twice in a config. */
export const anyName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("a", "b", "home", ...treacherousNames),
  fc.tuple(textOf("aZ09"), textOf("aZ09._-", 63)).map(([first, rest]) => (first + rest).slice(0, 64)),
);

/** Names that public DNS may have. */
export const anyHost: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("a.example.com", "b.example.com", "Shop.Example.COM", "bücher.example", "_x.example.com"),
  textOf("abcxyz019").map((label) => `${label}.example.com`),
);

/** As an address bar shows it; some of them mean the same. */
export const anyPath: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "/",
      "/api",
      "/api/",
      "/api/v1",
      "/%C3%BC",
      "/a%2Fb",
      "/a%2fb",
      "/%7Euser",
      "/~user",
      "/a//b",
      "/a;b=c",
    ),
  },
  textOf("/az09._-%~").map((rest) => new URL(`http://host/x/${rest}`).pathname.replace(/^\/+/, "/")),
);

/** A duration, both bounds included, in the largest unit that holds it. */
export function anyDuration(leastMs: number, mostMs: number): fc.Arbitrary<string> {
  return fc
    .oneof(fc.constantFrom(leastMs, mostMs), fc.integer({ min: leastMs, max: mostMs }))
    .map((ms) => writeDuration(ms));
}

export function writeDuration(ms: number): string {
  if (ms > 0 && ms % hour === 0) return `${ms / hour}h`;
  if (ms > 0 && ms % minute === 0) return `${ms / minute}m`;
  return ms % second === 0 || ms > 999_999_999 ? `${Math.floor(ms / second)}s` : `${ms}ms`;
}

const msPer: Readonly<Record<string, number>> = { ms: 1, s: second, m: minute, h: hour };

export function millis(duration: string): number {
  const { count, unit = "" } = /^(?<count>\d+)(?<unit>ms|s|m|h)$/.exec(duration)?.groups ?? {};
  return Number(count) * (msPer[unit] ?? Number.NaN);
}

/** The host as a request's URL has it. */
export const canonicalHost = (host: string): string =>
  host.startsWith("*.") ? `*.${canonicalHost(host.slice(2))}` : new URL(`http://${host}`).hostname;

/** The path as routes are compared: RFC 3986 §6.2.2, and empty segments are none. */
export const canonicalPath = (path: string): string =>
  path
    .replaceAll(/%[\da-f]{2}/gi, (encoded) => {
      const char = decodeURIComponent(encoded.replace(/%[89a-f]./i, "%25"));
      return /[\w.~-]/.test(char) ? char : encoded.toUpperCase();
    })
    .replaceAll(/\/{2,}/g, "/");

export const wholeNumber = (min: number, max: number): fc.Arbitrary<number> =>
  fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max }));

export const fraction = (min: number, max: number): fc.Arbitrary<number> =>
  fc.oneof(fc.constantFrom(min, max), fc.double({ min, max, noNaN: true }));

/** What may be in no issue. */
export const secretMark = "s3cr3t";

export const anySecret: fc.Arbitrary<string> = textOf("aZ0-_ ", 32, 32).map((rest) => secretMark + rest);

export const anyNetworks: fc.Arbitrary<string[]> = fc.subarray([
  "10.0.0.0/8",
  "192.0.2.1",
  "127.0.0.0/8",
  "2001:db8::/32",
  "::1",
]);

/** All keys optional. */
export const anyOf = <T extends object>(keys: { [Key in keyof T]: fc.Arbitrary<T[Key]> }): fc.Arbitrary<
  Partial<T>
> => fc.record(keys, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;

/** A section that is on, off, or an object. */
export const switchable = <T extends object>(section: fc.Arbitrary<T>): fc.Arbitrary<T | boolean> =>
  fc.oneof(fc.boolean(), { weight: 3, arbitrary: section });
