/** `split` and `mirror` of a route. */
import { mirror as mirrorSection } from "../../../../../worker/config/sections/mirror.ts";
import { split as splitSection } from "../../../../../worker/config/sections/split.ts";
import type { Part } from "../../../../../worker/config/section.ts";
import { leastUpstream } from "../example-config.ts";
import { accepts, inRoute, refuses, size, whole, type Scope } from "../tables.ts";

/** An option of a route to `shop`, beside which there is the upstream `next`. */
function besideNext(section: Part): Scope {
  const scope = inRoute(section);
  const upstreams = { shop: leastUpstream(), next: leastUpstream() };
  return { ...scope, make: (part) => Object.assign({}, scope.make(part), { upstreams }) };
}

const split = besideNext(splitSection);
const mirror = besideNext(mirrorSection);

accepts(split, [
  [undefined, undefined],
  [{ shares: { next: 0.1 } }, { shares: { next: 0.1 }, by: { from: "address" } }],
  [
    { shares: { next: 1 }, by: "cookie:id" },
    { shares: { next: 1 }, by: { from: "cookie", name: "id" } },
  ],
]);

const unknown = 'the name of an upstream of this config; the nearest is "next"';
refuses(split, [
  [{}, ".shares", "an object of 1 to 16 upstreams", "nothing"],
  [{ shares: {} }, ".shares", "an object of 1 to 16 upstreams", "{}"],
  [{ shares: { nxt: 0.1 } }, ".shares.nxt", unknown],
  [
    { shares: { shop: 0.1 } },
    ".shares.shop",
    "other upstreams; the rest goes to the route's own",
    "the route's own upstream",
  ],
  [{ shares: { next: 1.1 } }, ".shares.next", "a number from 0 to 1"],
]);

accepts(mirror, [
  [undefined, undefined],
  [{ upstream: "next" }, { upstream: "next", share: 1, maxBodyBytes: 65_536, timeoutMs: 10_000, atMost: 32 }],
]);
refuses(mirror, [
  [{ upstream: "nxt" }, ".upstream", unknown],
  [{ upstream: "shop" }, ".upstream", "another upstream", "an upstream that serves the route itself"],
  [{ upstream: "next", share: 2 }, ".share", "a number from 0 to 1"],
  [{ upstream: "next", maxBody: "1MB" }, ".maxBody", size("0B", "64KiB")],
  [{ upstream: "next", atMost: 0 }, ".atMost", whole(1, 1_000)],
]);
