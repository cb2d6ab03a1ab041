/** `basicAuth` of a route: who has no name and password of its users gets `401`, and is asked for them. */
import { isBasic, readBasicCredentials } from "../request/basic-credentials.ts";
import { PasswordCheck } from "../request/password-check.ts";
import type { Transaction } from "../transaction.ts";
import type { FilterMaker } from "./filter.ts";
import { guard, type GuardRefusal } from "./guard.ts";

/** For all routes: a user of several is checked once. */
const passwords = new PasswordCheck();

export const basicAuthFilter: FilterMaker = ({ route }) => {
  if (route.basicAuth === undefined) return undefined;
  const { users, challenge, forward, userHeader } = route.basicAuth;
  const login = (why: GuardRefusal["why"]): GuardRefusal => ({
    why,
    error: { kind: "login-required", challenges: [challenge] },
  });
  return guard("basicAuth", route, {
    enter: (tx) => {
      if (!forward) tx.editOriginHeaders(dropBasic);
    },
    judge: async (tx) => {
      const authorization = tx.request.headers.get("Authorization");
      if (authorization === null) return login("no-login");
      const credentials = readBasicCredentials(authorization);
      if (credentials === undefined) return login("malformed-login");
      const verdict = await passwords.verdict(users, credentials, tx.clientNumber, Date.now());
      if (verdict.kind === "bad") return login(verdict.why);
      if (verdict.kind === "too-many")
        return { why: "too-many-logins", error: { kind: "too-many-logins", againInMs: verdict.againInMs } };
      if (userHeader !== undefined) tell(tx, userHeader, credentials.name);
      return undefined;
    },
  });
};

function dropBasic(headers: Headers): void {
  if (isBasic(headers.get("Authorization") ?? "")) headers.delete("Authorization");
}

function tell(tx: Transaction, header: string, name: string): void {
  tx.editOriginHeaders((headers) => headers.set(header, name));
}
