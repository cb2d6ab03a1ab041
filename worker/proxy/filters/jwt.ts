/**
 * `jwt` and `cloudflareAccess` of a route: a request without a token that the issuer has signed gets `401`. An issuer whose keys cannot be had closes the
 * route (`503`).
 */
import { headerValueOf } from "../../../core/access/claims.ts";
import type { TokenRules } from "../../config/sections/jwt.ts";
import { readCookies } from "../request/sticky-cookie.ts";
import { TokenCheck } from "../request/token-check.ts";
import type { Transaction } from "../transaction.ts";
import type { FilterMaker, RouteFilter } from "./filter.ts";
import { guard, type GuardRefusal } from "./guard.ts";

export const jwtFilter: FilterMaker = ({ route }) => filterFor("jwt", route);
export const cloudflareAccessFilter: FilterMaker = ({ route }) => filterFor("cloudflareAccess", route);

function filterFor(
  name: "jwt" | "cloudflareAccess",
  route: Parameters<FilterMaker>[0]["route"],
): RouteFilter | undefined {
  const rules = route[name];
  if (rules === undefined) return undefined;
  const check = new TokenCheck(rules);
  return guard(name, route, {
    judge: async (tx) => {
      const token = tokenOf(tx.request.headers, rules);
      if (token === undefined) return login("no-token", "Bearer");
      const verdict = await check.verdict(token, tx.waitUntil);
      if ("claims" in verdict) {
        tell(tx, rules, verdict.claims);
        return undefined;
      }
      if (verdict.problem === "no-keys") return { why: "no-keys", error: { kind: "keys-lost" } };
      return login(verdict.problem, 'Bearer error="invalid_token"');
    },
  });
}

const login = (why: GuardRefusal["why"], challenge: string): GuardRefusal => ({
  why,
  error: { kind: "login-required", challenges: [challenge] },
});

function tokenOf(headers: Headers, { header, cookie }: TokenRules): string | undefined {
  const written = header === undefined ? null : headers.get(header);
  if (written !== null) {
    if (header?.toLowerCase() !== "authorization") return written;
    return /^Bearer +([\w.~+/=-]+)$/i.exec(written)?.[1];
  }
  return cookie === undefined ? undefined : readCookies(headers.get("Cookie") ?? "", cookie)[0];
}

function tell(tx: Transaction, { told }: TokenRules, claims: Readonly<Record<string, unknown>>): void {
  for (const [header, claim] of told) {
    const value = headerValueOf(claims, claim);
    if (value !== undefined) tx.editOriginHeaders((headers) => headers.set(header, value));
  }
}
