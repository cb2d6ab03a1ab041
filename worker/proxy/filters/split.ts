/** `split` of a route: which upstream a client belongs to. A client's place among all is a hash, so each isolate puts the client in the same place. */
import { upstreamAt, type Share } from "../../../core/routing/split.ts";
import { fraction, hashText } from "../../../core/selection/hash.ts";
import type { ActiveUpstream } from "../../active-config.ts";
import { accountOf } from "../request/request-key.ts";
import type { FilterMaker } from "./filter.ts";

export const splitFilter: FilterMaker = ({ route, upstreamOf }) => {
  const { split, name } = route;
  if (split === undefined) return undefined;
  const shares: Share<ActiveUpstream>[] = Object.entries(split.shares).map(([to, share]) => ({
    to: upstreamOf(to),
    share,
  }));
  const salt = hashText(name);
  return {
    name: "split",
    onThrow: "skip",
    onRequest: (tx) => {
      const { request, url, source } = tx;
      const account = accountOf(split.by, { request, url, address: source.address });
      const to = account === undefined ? undefined : upstreamAt(shares, fraction(hashText(account), salt));
      if (to !== undefined) tx.upstream = to;
      return undefined;
    },
  };
};
