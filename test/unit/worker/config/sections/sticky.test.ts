/** `sticky`: sessions, and whether browsers keep their cookies, and tell those of two upstreams apart. */
import { sticky as section } from "../../../../../worker/config/sections/sticky.ts";
import {
  accepts,
  allows,
  duration,
  inUpstream,
  refuses,
  refusesValues,
  upstreamParts,
  type Scope,
} from "../tables.ts";
import { leastUpstream, withUpstream } from "../example-config.ts";

const sticky = inUpstream(section);
const attributes = { sameSite: "lax", httpOnly: true, partitioned: false };
const usual = {
  cookie: "weir",
  ttlMs: 28_800_000,
  idleMs: 1_800_000,
  path: "/",
  homecoming: true,
  ...attributes,
};

accepts(sticky, [
  [undefined, undefined],
  [false, undefined],
  [true, usual],
  [{}, usual],
  [
    { cookie: "s", ttl: "1h", idle: "1h", path: "/shop", domain: ".Example.com", homecoming: false },
    {
      cookie: "s",
      ttlMs: 3_600_000,
      idleMs: 3_600_000,
      path: "/shop",
      domain: ".example.com",
      homecoming: false,
      ...attributes,
    },
  ],
  [
    { sameSite: "strict", secure: false, httpOnly: false },
    { ...usual, sameSite: "strict", secure: false, httpOnly: false },
  ],
  // Browsers drop such a cookie without Secure.
  [{ sameSite: "none" }, { ...usual, sameSite: "none", secure: true }],
  [{ partitioned: true }, { ...usual, partitioned: true, secure: true }],
  [
    { partitioned: true, secure: true },
    { ...usual, partitioned: true, secure: true },
  ],
  // A default gives way to what is written.
  [{ ttl: "10m" }, { ...usual, ttlMs: 600_000, idleMs: 600_000 }],
  [{ idle: "12h" }, { ...usual, ttlMs: 43_200_000, idleMs: 43_200_000 }],
]);
// Sessions that stay after a burst stay, too, where no burst was seen.
accepts({ ...upstreamParts, compiled: sticky.compiled }, [
  [
    {
      sticky: true,
      burst: { sessions: false, enter: { p95: "1s" } },
      pools: [
        ...leastUpstream().pools,
        { name: "cloud", origins: [{ name: "c", url: "https://c.example.com" }] },
      ],
    },
    { ...usual, homecoming: false },
  ],
]);

const cookie = "a cookie's name: letters, digits and !#$%&'*+-.^_`|~";
const path = 'a path from "/", without ";" or control characters';
const domain = 'a domain name such as ".example.com"';
refuses(sticky, [
  [{ sameSite: "none", secure: false }, ".secure", 'true beside sameSite: "none"'],
  [{ partitioned: true, secure: false }, ".secure", "true beside partitioned: true"],
  ...["__Host-s", "__secure-s"].map(
    (cookie) =>
      [{ cookie, secure: false }, ".secure", 'true beside a cookie "__Host-…" or "__Secure-…"'] as const,
  ),
]);
refusesValues(sticky, [
  [".sameSite", "Lax", 'one of "lax", "strict", "none"'],
  [".cookie", "a;b", cookie],
  [".path", "/; Domain=x", path],
  [".domain", "a.com; Secure", domain],
  [".ttl", "8761h", duration("1s", "8760h")],
]);
refuses(sticky, [
  [{ idle: "2h", ttl: "1h" }, ".idle", "at most sticky.ttl"],
  [{ cookie: "__Host-weir", domain: "example.com" }, ".domain", 'none beside a cookie "__Host-…"'],
  [{ cookie: "__host-weir", path: "/shop" }, ".path", '"/" beside a cookie "__Host-…"'],
]);
allows(sticky, [
  { cookie: "__Host-weir", path: "/" },
  { cookie: "__Secure-weir", path: "/shop", domain: "example.com" },
]);

/** A cookie, and the hosts of the routes to it; without hosts the route takes any. */
const kept: Scope = {
  ...sticky,
  make: (part) => {
    const [sticky, ...hosts] = part as readonly [object, ...(string | undefined)[]];
    const routes = hosts.map((host) => ({ ...(host !== undefined && { host }), upstream: "shop" }));
    return { ...withUpstream({ sticky }), routes };
  },
};
const dropped = (hosts: string): string =>
  `a domain that a route's host is in: ${hosts}; browsers drop a cookie for any other`;
refuses(kept, [
  [
    [{ domain: "example.org" }, "shop.example.com", "*.example.com"],
    ".domain",
    dropped('"shop.example.com", "*.example.com"'),
    '"example.org"',
  ],
  [[{ domain: "shop.example.com" }, "example.com"], ".domain", dropped('"example.com"')],
  [[{ domain: "ample.com" }, "example.com"], ".domain", dropped('"example.com"')],
]);
allows(kept, [
  [{ domain: "example.com" }, "shop.example.com"],
  [{ domain: "example.com" }, "example.com"],
  [{ domain: "shop.example.com" }, "*.example.com"],
  [{ domain: "example.com" }, "*.example.com"],
  [{ domain: "example.com" }, "localhost", "shop.example.com"],
  [{ domain: "example.com" }, undefined],
]);
allows(upstreamParts, [{ sticky: { domain: "example.com" } }]);

const twoOn = (hosts: readonly (string | undefined)[]): Scope => ({
  ...sticky,
  base: "upstreams.blog.sticky",
  make: (part) => {
    const [one, other] = part as readonly unknown[];
    const [first, second] = hosts.map((host) => (host === undefined ? {} : { host }));
    return {
      upstreams: { shop: { ...leastUpstream(), sticky: one }, blog: { ...leastUpstream(), sticky: other } },
      routes: [
        { ...first, upstream: "shop" },
        ...(second ? [{ ...second, prefix: "/blog", upstream: "blog" }] : []),
      ],
    };
  },
});
const one = twoOn(["shop.example.com", "shop.example.com"]);
const own = "a cookie or a path of its own: sticky: { cookie: … }";
const found = (cookie: string): string => `a cookie "${cookie}", as upstream "shop" has on the same host`;
const ofDomain = { domain: "example.com" };
refuses(one, [
  [[true, true], "", own, found("weir")],
  [[true, { cookie: "weir", ttl: "9h" }], "", own, found("weir")],
  [[{ cookie: "s" }, { cookie: "s", path: "/" }], "", own, found("s")],
]);
refuses(twoOn([undefined, "blog.example.com"]), [[[true, true], "", own, found("weir")]]);
refuses(twoOn(["blog.example.com", "*.example.com"]), [[[true, true], "", own, found("weir")]]);
refuses(twoOn(["shop.example.com", "example.com"]), [[[ofDomain, true], "", own, found("weir")]]);
const two = twoOn(["shop.example.com", "blog.example.com"]);
refuses(two, [[[ofDomain, { domain: ".Example.com" }], "", own, found("weir")]]);

allows(one, [
  [true, { cookie: "blog" }],
  [true, { path: "/blog" }],
  [true, false],
]);
allows(two, [
  [true, true],
  [ofDomain, true],
]);
allows(twoOn(["example.com", "*.example.com"]), [[true, true]]);
// Without a route no browser gets the cookie.
allows(twoOn(["shop.example.com"]), [
  [true, true],
  [ofDomain, ofDomain],
]);
