/** `maintenance` of a route: a page in place of origins, but for the clients that are named. */
import { isWithin } from "../../config/kinds/network.ts";
import { refuse, type FilterMaker } from "./filter.ts";

export const maintenanceFilter: FilterMaker = ({ route: { maintenance } }) => {
  if (maintenance === undefined) return undefined;
  const { retryAfterMs, page, allow } = maintenance;
  return {
    name: "maintenance",
    onThrow: "refuse",
    onRequest: ({ source }) =>
      isWithin(source.address ?? "", allow) ? undefined : refuse({ kind: "maintenance", retryAfterMs }, page),
  };
};
