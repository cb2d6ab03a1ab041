/** `register`: who may join a pool, and from where. */
import { expect, test } from "vitest";
import { parseUrlPattern } from "../../../../../worker/config/kinds/url-pattern.ts";
import { pool } from "../../../../../worker/config/sections/pool.ts";
import { register as section } from "../../../../../worker/config/sections/register.ts";
import { memberRules, withMembers } from "../../../../../worker/config/with-members.ts";
import { withUpstream } from "../example-config.ts";
import { accepts, allows, duration, firstPool, home, refuses, secretExpected } from "../tables.ts";
import { keyOf, upstreamOf, upstreamParts, whole, type Scope } from "../tables.ts";

const secret = "s".repeat(32);
const urls = ["https://*.cloud.example.net"];
const least = { secret, urls };
const key = keyOf(pool, section);
const inPool = (register: unknown): object => ({ pools: [{ name: "home", origins: [], [key]: register }] });
const register: Scope = {
  make: (parts) => withUpstream(inPool({ ...least, ...(parts as object) })),
  base: `${home}.${key}`,
  compiled: (config) => firstPool(config)?.register,
};

const patterns = [parseUrlPattern("https://*.cloud.example.net")];
accepts(register, [
  [{}, { secret, urls: patterns, everyMs: 10_000, max: 100 }],
  [
    { every: "3s", max: 7, maxConns: 9 },
    { secret, urls: patterns, everyMs: 3_000, max: 7, maxConns: 9 },
  ],
]);

refuses(register, [
  [{ secret: "hunter2" }, ".secret", secretExpected, '"***"'],
  [{ urls: [] }, ".urls", "a list of 1 to 100 URLs"],
  [{ max: 0 }, ".max", whole(1, 1000)],
  [{ maxConns: 0 }, ".maxConns", whole(1, 1_000_000)],
  [{ every: "500ms" }, ".every", duration("1s", "5m")],
  ...`cloud.example.net ftp://cloud.example.net https://cloud.example.net/admin https://* http://10.0.0.0/33:80
    https://cloud.example.net:9-8 https://cloud.example.net:70000 http://name.example.com/8`
    .split(/\s+/)
    .map((url) => [{ urls: [url] }, ".urls[0]", /^a scheme, a host and a port, such as /] as const),
  // At the edge no address is fetched.
  [
    { urls: [...urls, "http://10.0.0.0/8:8080"] },
    ".urls[1]",
    /^public DNS names, such as .* fails \(error 1003\)$/,
  ],
]);
allows({ ...register, make: (urls) => ({ ...withUpstream(inPool({ secret, urls })), target: "workerd" }) }, [
  ["http://10.0.0.0/8:8080"],
  urls,
]);

const regional = { ...inPool(least), regions: ["weur"] };
const noRegister = "no register, or no regions: a region's object does not learn of origins that join";
const counted = (max: number): object => ({
  pools: [
    { name: "home", origins: [{ name: "a", url: "https://a.example.com" }] },
    { name: "cloud", origins: [], register: { ...least, max } },
  ],
});
refuses(upstreamParts, [
  [regional, ".pools[0].register", noRegister, "register beside regions"],
  [counted(1_000), ".pools", "at most 1000 origins in all pools together", "1001 origins"],
]);
allows(upstreamParts, [{ ...regional, regions: [] }, counted(999)]);

test("members stand beside the configured origins, in pools that take them; without them the config is itself", () => {
  const config = upstreamOf(withUpstream(inPool({ ...least, maxConns: 5 })));
  expect(withMembers(config, [])).toBe(config);
  const member = { pool: "home", name: "m", url: "https://m.cloud.example.net" };
  const { pools } = withMembers(config, [member, { ...member, pool: "moon", name: "n" }]);
  const { pool: _, ...named } = member;
  const usual = { weight: 1, backup: false, via: "fetch", connection: "auto" };
  expect(pools.map(({ origins }) => origins)).toEqual([
    [{ ...named, ...usual, registered: true, maxConns: 5 }],
  ]);
  expect(memberRules(config).pools).toMatchObject([{ name: "home", everyMs: 10_000, max: 100 }]);
});
