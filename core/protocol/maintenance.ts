/**
 * What is said to the object of the role `maintenance`, which keeps the operators' orders of which routes are in maintenance: one for the fleet, since an order is one row,
 * and isolates that ask again need no more than its number. Times to come travel as what is left of them, so that no two clocks have to agree.
 */
import type { Millis } from "../model/upstream.ts";

/** The role's name. */
export const maintenanceRole = "maintenance";

/** The object's: there is one. */
export const maintenanceObject = `${maintenanceRole}:fleet`;

export const maintenanceOrders = ["on", "off"] as const;
export type MaintenanceOrder = (typeof maintenanceOrders)[number];

export type MaintenanceMessage = MaintenanceLook | GivenOrder;

interface MaintenanceLook {
  readonly kind: "look";
  /** The version of what the caller knows; 0: nothing. */
  readonly known: number;
}

export interface GivenOrder {
  readonly kind: "order";
  readonly route: string;
  readonly order: MaintenanceOrder;
  /** With `on`: when it ends by itself; absent: with the next order. */
  readonly forMs?: Millis;
}

/** How the orders stand. */
export interface MaintenanceNews {
  readonly version: number;
  /** All routes that are in maintenance; absent: those that the caller knows. */
  readonly closed?: readonly ClosedRoute[];
}

export interface ClosedRoute {
  readonly route: string;
  /** Since when, by the object's clock. */
  readonly sinceMs: Millis;
  /** When it ends by itself, from now; absent: with the next order. */
  readonly leftMs?: Millis;
}

/** What became of an order. */
export type MaintenanceReply =
  | {
      readonly kind: "done";
      /** Whether the route was in maintenance before. */
      readonly wasOn: boolean;
      readonly news: MaintenanceNews;
    }
  /** So many routes as the object keeps are in maintenance. */
  | { readonly kind: "too-many" };

/** How the API shows a route that orders can put in maintenance. */
export interface RouteMaintenance {
  readonly route: string;
  readonly inMaintenance: boolean;
  /** Since when; `null`: it is open. */
  readonly sinceMs: Millis | null;
  /** When it ends by itself; `null`: with the next order. */
  readonly untilMs: Millis | null;
  /** Whether the config lets orders close a route of this name; else the order is left over, and does nothing. */
  readonly inConfig: boolean;
}
