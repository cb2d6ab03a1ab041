/** What an object of class `WeirRole` is for. A role is one file here, and its tables begin with its name. */
import type { MaybePromise } from "../../core/protocol/object-namespace.ts";
import type { Env } from "../../worker/env.ts";

export interface Role {
  /** One call, as JSON, and its answer, which is plain data. If it throws, this call has failed, and the role goes on. */
  call(json: string): MaybePromise<object>;
}

/** What the object lends to its role. */
export interface RoleHouse {
  /** What follows the role in the object's name: of `limits:3` it is `3`. */
  readonly part: string;
  readonly sql: SqlStorage;
  readonly env: Env;
}

/** Makes the role of an object that comes up, with what it has stored. Made again at the next call if it throws. */
export type RoleMaker = (house: RoleHouse) => Role;
