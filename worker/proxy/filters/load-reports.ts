/** `loadReports` of an upstream: what the origin's answer says of the origin goes to the object with how the attempt ended. */
import type { FilterMaker } from "./filter.ts";

export const loadReportsFilter: FilterMaker = ({ upstreams }) =>
  upstreams.some(({ reports }) => reports !== undefined)
    ? {
        name: "loadReports",
        onThrow: "skip",
        onResponse: async (tx, { pick, response, answeredMs }) => {
          tx.reading = await tx.upstream.reports?.read(pick.origin, response.headers, answeredMs);
          return undefined;
        },
      }
    : undefined;
