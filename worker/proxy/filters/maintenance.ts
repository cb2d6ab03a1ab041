/** `maintenance` of a route: a page in place of origins, but for the clients that are named; always, or while an operator's order says so. */
import type { InMaintenance } from "../../../core/maintenance/known-orders.ts";
import { isWithin } from "../../config/kinds/network.ts";
import type { MaintenanceConfig } from "../../config/sections/maintenance.ts";
import type { MaintenanceClient } from "../../objects/maintenance-client.ts";
import { refuse, type FilterMaker, type RequestVerdict, type RouteFilter } from "./filter.ts";

export const maintenanceFilter: FilterMaker = ({ route: { name, maintenance }, maintenanceOrders }) => {
  if (maintenance === undefined) return undefined;
  if (!maintenance.byOrder) return closed(maintenance, () => refusal(maintenance, {}));
  return maintenanceOrders && closed(maintenance, byOrder(name, maintenance, maintenanceOrders));
};

/** The filter, whose clients are not in `allow`. */
function closed({ allow }: MaintenanceConfig, onRequest: NonNullable<RouteFilter["onRequest"]>): RouteFilter {
  return {
    name: "maintenance",
    onThrow: "refuse",
    onRequest: (tx) => (isWithin(tx.source.address ?? "", allow) ? undefined : onRequest(tx)),
  };
}

function byOrder(
  route: string,
  maintenance: MaintenanceConfig,
  orders: MaintenanceClient,
): NonNullable<RouteFilter["onRequest"]> {
  return (tx) => {
    const heed = (order: InMaintenance | undefined): RequestVerdict | undefined => {
      if (order === undefined) return undefined;
      tx.alarm.stop();
      return refusal(maintenance, order);
    };
    const order = orders.orderOn(route, tx);
    return order instanceof Promise ? order.then(heed) : heed(order);
  };
}

/** Clients are to come back when it ends, if that is known. */
function refusal({ retryAfterMs, page }: MaintenanceConfig, { leftMs }: InMaintenance): RequestVerdict {
  return refuse({ kind: "maintenance", retryAfterMs: leftMs ?? retryAfterMs }, page);
}
