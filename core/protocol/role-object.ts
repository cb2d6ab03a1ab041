/**
 * The objects of class `WeirRole`, as others call them. What such an object is for its name says: `limits:3` is the fourth object of the
 * role `limits`. The role gives the text of calls its meaning (`rate-limits.ts` is that of `limits`).
 */
import type { MaybePromise } from "./object-namespace.ts";

export interface RoleObject {
  /** One call of the object's role, as JSON; the answer is a `RoleResult` as JSON. Rejects only if the object cannot be reached. */
  call(json: string): MaybePromise<string>;
}

/** What becomes of a call. */
export type RoleResult<Answer = unknown> =
  | { readonly kind: "answer"; readonly answer: Answer }
  /** The object's name has no role that this version knows: it may be one of a later version, whose state is not to be touched. */
  | { readonly kind: "unknown-role" }
  /** The role has failed; the object's log says how. */
  | { readonly kind: "failed" };
