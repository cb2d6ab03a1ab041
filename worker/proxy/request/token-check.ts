/**
 * Whether a token is one of the issuer's, for this audience, now, with the claims that are asked for. Signatures are `jose`'s work; it is loaded with the
 * first token. Which algorithms there may be the config says, never the token: `none` and common secrets are not among them.
 */
import type { JWTPayload } from "jose";
import { unmetClaim } from "../../../core/access/claims.ts";
import type { TokenRules } from "../../config/sections/jwt.ts";
import { IssuerKeys, type KeySet } from "./issuer-keys.ts";

export type TokenProblem =
  | "malformed-token"
  | "wrong-algorithm"
  | "unknown-key"
  | "wrong-signature"
  | "expired"
  | "not-yet-valid"
  | "wrong-issuer"
  | "wrong-audience"
  | "wrong-claim"
  | "no-keys";

export type TokenVerdict = { readonly claims: JWTPayload } | { readonly problem: TokenProblem };

/** Longer ones are none. */
const longest = 16_384;

export class TokenCheck {
  readonly #rules: TokenRules;
  readonly #issuer: IssuerKeys | undefined;
  #own: KeySet | undefined;

  constructor(rules: TokenRules) {
    this.#rules = rules;
    const { keys, issuer, keepKeysMs } = rules;
    this.#issuer = typeof keys === "string" ? new IssuerKeys(issuer, keys, keepKeysMs) : undefined;
  }

  async verdict(token: string, waitUntil: (work: Promise<unknown>) => void): Promise<TokenVerdict> {
    if (token.length > longest) return { problem: "malformed-token" };
    const keys = (await this.#issuer?.keys(waitUntil)) ?? (await this.#ownKeys());
    if (keys === undefined) return { problem: "no-keys" };
    const first = await this.#verified(token, keys);
    if (!("problem" in first) || first.problem !== "unknown-key") return first;
    const newer = await this.#issuer?.keys(waitUntil, keys);
    return newer === undefined ? first : this.#verified(token, newer);
  }

  async #ownKeys(): Promise<KeySet | undefined> {
    if (typeof this.#rules.keys === "string") return undefined;
    const { createLocalJWKSet } = await import("jose");
    return (this.#own ??= createLocalJWKSet({ keys: [...this.#rules.keys] }));
  }

  async #verified(token: string, keys: KeySet): Promise<TokenVerdict> {
    const { jwtVerify } = await import("jose");
    const { issuer, audience, algorithms, toleranceS, required } = this.#rules;
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        ...(audience !== undefined && { audience: [...audience] }),
        algorithms: [...algorithms],
        clockTolerance: toleranceS,
        requiredClaims: ["exp"],
      });
      return unmetClaim(payload, required) === undefined ? { claims: payload } : { problem: "wrong-claim" };
    } catch (error) {
      const problem = problemOf(error);
      if (problem === undefined) throw error;
      return { problem };
    }
  }
}

const problems: Readonly<Record<string, TokenProblem>> = {
  ERR_JWS_INVALID: "malformed-token",
  ERR_JWT_INVALID: "malformed-token",
  ERR_JOSE_ALG_NOT_ALLOWED: "wrong-algorithm",
  ERR_JOSE_NOT_SUPPORTED: "wrong-algorithm",
  ERR_JWKS_NO_MATCHING_KEY: "unknown-key",
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: "unknown-key",
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "wrong-signature",
  ERR_JWT_EXPIRED: "expired",
};

const byClaim: Readonly<Record<string, TokenProblem>> = {
  iss: "wrong-issuer",
  aud: "wrong-audience",
  nbf: "not-yet-valid",
};

/** What the library found; `undefined`: a fault, and no verdict. */
function problemOf(error: unknown): TokenProblem | undefined {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ERR_JWT_CLAIM_VALIDATION_FAILED") {
    const claim: unknown = error instanceof Error && "claim" in error ? error.claim : undefined;
    return byClaim[String(claim)] ?? "wrong-claim";
  }
  return problems[String(code)];
}
