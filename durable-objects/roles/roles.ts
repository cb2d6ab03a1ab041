/** The table of roles: a new one is a line here, and a file beside this one. */
import { maintenanceRole } from "../../core/protocol/maintenance.ts";
import { limitsRole } from "../../core/protocol/rate-limits.ts";
import { keepLimits } from "./limits.ts";
import { keepMaintenance } from "./maintenance.ts";
import type { RoleMaker } from "./role.ts";

export const roles: ReadonlyMap<string, RoleMaker> = new Map([
  [limitsRole, keepLimits],
  [maintenanceRole, keepMaintenance],
]);
