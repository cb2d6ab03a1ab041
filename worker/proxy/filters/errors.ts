/** `errors` of an upstream: the operator's pages for Weir's own errors, and Weir's answer in place of origins' errors. */
import type { ActiveUpstream } from "../../active-config.ts";
import type { StatusRange } from "../../config/kinds/status-range.ts";
import { withoutChallenges } from "../response/client-headers.ts";
import { errorStatus } from "../response/error-response.ts";
import { FetchedPages } from "../response/fetched-pages.ts";
import { prefersHtml } from "../response/prefers-html.ts";
import type { OriginResponse } from "../attempt/attempt-loop.ts";
import type { Transaction } from "../transaction.ts";
import type { OwnAnswer, FilterMaker } from "./filter.ts";

export const errorsFilter: FilterMaker = ({ upstreams, upstreamOf }) => {
  if (!upstreams.some(({ config }) => config.errors !== undefined)) return undefined;
  const fetched = new FetchedPages(upstreamOf);
  return {
    name: "errors",
    onThrow: "skip",
    onRefusal: (tx, error) => {
      const status = errorStatus(error);
      // The most specific range is the first.
      const page = tx.upstream.config.errors?.pages.find((range) => isIn(range, status))?.page;
      if (typeof page === "string") return { kind: "error", error, page };
      if (page === undefined || !prefersHtml(tx.request.headers.get("Accept"))) return undefined;
      return fetched
        .get(tx, page)
        .then((html) => (html === undefined ? undefined : { kind: "error", error, page: html }));
    },
    onResponse: (tx, origin) => (isIntercepted(origin, tx.upstream) ? intercepted(tx, origin) : undefined),
  };
};

const isIn = ({ from, to }: StatusRange, status: number): boolean => from <= status && status <= to;

const isIntercepted = ({ status }: OriginResponse, { config }: ActiveUpstream): boolean =>
  config.errors?.intercept.some((range) => isIn(range, status)) ?? false;

/** What an origin's answer says to programs, whatever its page looks like. */
const keptOfIntercepted = new Set(["allow", "retry-after", "set-cookie", "www-authenticate"]);

function intercepted(tx: Transaction, { status, response, pick }: OriginResponse): OwnAnswer {
  // A copy, less what is not kept: values that are written again would lose bytes that are no UTF-8.
  const headers = new Headers(response.headers);
  for (const name of new Set(response.headers.keys())) {
    if (!keptOfIntercepted.has(name)) headers.delete(name);
  }
  withoutChallenges(headers, pick, tx);
  return { kind: "error", error: { kind: "intercepted", status }, headers };
}
