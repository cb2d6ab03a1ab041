/** The table of roles: a new one is a line here, and a file beside this one. */
import { limitsRole } from "../../core/protocol/rate-limits.ts";
import { keepLimits } from "./limits.ts";
import type { RoleMaker } from "./role.ts";

export const roles: ReadonlyMap<string, RoleMaker> = new Map([[limitsRole, keepLimits]]);
