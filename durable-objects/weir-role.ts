/**
 * A class for the small objects of a fleet, told apart by their names: `ROLE:PART`, such as `limits:3`. So a new kind of shared state needs
 * no new class, no binding and no migration. Each object has one role, with memory and storage of its own: a role that fails takes no other
 * one with it, and fails only the call. What an object that comes up again after a failure of its role's making knows is what was stored.
 */
import { DurableObject } from "cloudflare:workers";

import type { RoleObject, RoleResult } from "../core/protocol/role-object.ts";
import type { Env } from "../worker/env.ts";
import { logEvent } from "../worker/telemetry/log-event.ts";
import type { Role } from "./roles/role.ts";
import { roles } from "./roles/roles.ts";

export class WeirRole extends DurableObject<Env> implements RoleObject {
  #role: Role | undefined;

  async call(json: string): Promise<string> {
    return JSON.stringify(await this.#result(json));
  }

  async #result(json: string): Promise<RoleResult> {
    const name = this.ctx.id.name ?? "";
    try {
      this.#role ??= this.#take(name);
      return this.#role === undefined
        ? { kind: "unknown-role" }
        : { kind: "answer", answer: await this.#role.call(json) };
    } catch (error) {
      logEvent({ event: "role-failed", object: name, detail: String(error) });
      return { kind: "failed" };
    }
  }

  #take(name: string): Role | undefined {
    const [role = "", part = ""] = name.split(":");
    return roles.get(role)?.({ part, sql: this.ctx.storage.sql, env: this.env });
  }
}
