/** `split` of a route: a share of its clients is served by another upstream. */
import { byName, share } from "../kinds/fields.ts";
import { name } from "../kinds/name.ts";
import { clientKey } from "../kinds/request-key.ts";
import type { Rule } from "../rule.ts";
import { option, required, section, type ValuesOf } from "../section.ts";

const nameExpected = "the name of an upstream";

const shares = byName(name, share(1), { least: 1, most: 16, what: "upstreams", nameExpected });

const sum = (shares: Readonly<Record<string, number>>): number =>
  Object.values(shares).reduce((total, one) => total + one, 0);

export const split = section(
  "WeirSplit",
  {
    /** The share of the clients of each of these upstreams, 0–1: `{ next: 0.05 }`. All others go to the route's `upstream`. When the share of the last one grows, clients go over to it, and none leaves it. */
    shares: required(shares),
    /** By what a client is told from others. A request without this key goes by its address, and with neither to the route's `upstream`. */
    by: option(clientKey, "address"),
  },
  {
    rules: [
      ({ shares }) =>
        sum(shares) > 1 + 1e-9 && {
          path: ["shares"],
          found: `shares of ${sum(shares)} together`,
          expected: "1 at most together",
        },
    ],
  },
);

/** What of a route a split goes with. */
export interface SplitRoute {
  readonly upstream?: string;
  readonly split?: Pick<ValuesOf<typeof split>, "shares">;
}

/** A split needs an upstream for all others, which has no share itself. */
export const splitRule: Rule<SplitRoute> = ({ upstream, split }) => {
  if (split === undefined) return undefined;
  if (upstream === undefined)
    return { path: ["split"], expected: "upstream beside it, which gets all other requests" };
  const isShared = Object.hasOwn(split.shares, upstream);
  const expected = "other upstreams; the rest goes to the route's own";
  return isShared && { path: ["split", "shares", upstream], found: "the route's own upstream", expected };
};
