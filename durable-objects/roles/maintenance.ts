/**
 * The role `maintenance`: which routes are in maintenance by an operator's order, for the whole fleet. What it decides: `core/maintenance/orders.ts`. Orders are
 * rare, and lookers many: all of it is one row, written before an order is answered, and a look writes nothing.
 */
import {
  newsFor,
  noOrders,
  obeyed,
  withoutOver,
  type MaintenanceState,
} from "../../core/maintenance/orders.ts";
import type { MaintenanceMessage } from "../../core/protocol/maintenance.ts";
import { logEvent } from "../../worker/telemetry/log-event.ts";
import type { RoleMaker } from "./role.ts";

export const keepMaintenance: RoleMaker = ({ sql }) => {
  sql.exec("CREATE TABLE IF NOT EXISTS maintenance_orders (id INTEGER PRIMARY KEY, state TEXT NOT NULL)");
  const [row] = sql.exec<{ state: string }>("SELECT state FROM maintenance_orders").toArray();
  let state: MaintenanceState = row === undefined ? noOrders : JSON.parse(row.state);
  /** What cannot be stored does not hold either: then the call fails. */
  const adopt = (next: MaintenanceState): void => {
    if (next === state) return;
    sql.exec("INSERT OR REPLACE INTO maintenance_orders (id, state) VALUES (1, ?)", JSON.stringify(next));
    state = next;
  };
  return {
    call: (json) => {
      const message: MaintenanceMessage = JSON.parse(json);
      const now = Date.now();
      const { state: current, over } = withoutOver(state, now);
      adopt(current);
      for (const route of over) logEvent({ event: "maintenance", route, order: "over" });
      if (message.kind === "look") return newsFor(state, message.known, now);
      const { state: next, reply } = obeyed(state, message, now);
      adopt(next);
      const { route, order, forMs } = message;
      if (reply.kind === "done")
        logEvent({
          event: "maintenance",
          route,
          order,
          ...(forMs !== undefined && { untilMs: now + forMs }),
        });
      return reply;
    },
  };
};
