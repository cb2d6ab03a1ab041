/** What a client sees that a guard of a route has not let pass (`filters/guard.ts`): never why, but how to log in, where that would help. */
import type { Millis } from "../../../core/model/upstream.ts";

/** What the outside may know of an error. */
export interface ErrorAnswer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type GuardError =
  /** The route is closed to where the request comes from. */
  | { readonly kind: "forbidden" }
  /** The route wants a login, which is missing or wrong; `challenges`: how to log in (RFC 9110 §11.6.1). */
  | { readonly kind: "login-required"; readonly challenges: readonly string[] }
  /** Its client has had too many logins looked at. */
  | { readonly kind: "too-many-logins"; readonly againInMs: Millis }
  /** The keys by which its token would be known cannot be had. */
  | { readonly kind: "keys-lost" };

const kinds: ReadonlySet<string> = new Set([
  "forbidden",
  "login-required",
  "too-many-logins",
  "keys-lost",
] satisfies GuardError["kind"][]);

export const isGuardError = (error: { readonly kind: string }): error is GuardError => kinds.has(error.kind);

export function guardAnswer(error: GuardError): ErrorAnswer {
  switch (error.kind) {
    case "forbidden":
      return { status: 403, code: "forbidden", message: "You may not use this address." };
    case "login-required":
      return {
        status: 401,
        code: "login_required",
        message: "This address asks for a login.",
        headers: { "WWW-Authenticate": error.challenges.join(", ") },
      };
    case "too-many-logins":
      return {
        status: 429,
        code: "too_many_logins",
        message: "There were too many attempts to log in.",
        headers: { "Retry-After": String(Math.ceil(error.againInMs / 1_000)) },
      };
    case "keys-lost":
      return {
        status: 503,
        code: "unavailable",
        message: "The service is not available at the moment.",
        headers: { "Retry-After": "10" },
      };
  }
}
