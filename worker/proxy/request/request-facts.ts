/** What rules and templates can know of a request in hand (`core/rules/request-facts.ts`). */
import { valuesOf, type RequestFacts, type RequestPlace } from "../../../core/rules/request-facts.ts";
import type { ValueOf } from "../../../core/templates/template.ts";
import { carriesToken } from "../../api/admin-token.ts";
import type { Transaction } from "../transaction.ts";
import { cookieIn, headerIn } from "./header-facts.ts";

/** Where the request is, as the rules so far have left it. */
export function placeOf({ url: { target, routingPath } }: Pick<Transaction, "url">): RequestPlace {
  const mark = target.indexOf("?");
  return mark === -1
    ? { path: target, routingPath, query: "" }
    : { path: target.slice(0, mark), routingPath, query: target.slice(mark + 1) };
}

export function factsOf({ request: { headers }, method, source, id }: Transaction): RequestFacts {
  return {
    method,
    scheme: source.scheme,
    host: source.authority,
    client: source.address,
    requestId: id,
    header: (name) => headerIn(headers, name),
    cookie: (name) => cookieIn(headers, name),
  };
}

/** What variables stand for in texts that leave Weir. The admin token, which opens Weir, is in none of them. */
export function valuesFor(tx: Transaction): ValueOf {
  const facts = factsOf(tx);
  const { adminToken } = tx;
  const header = (name: string): string | undefined => {
    const value = facts.header(name);
    const isToken = adminToken !== undefined && name === "authorization" && value !== undefined;
    return isToken && carriesToken(value, adminToken) ? undefined : value;
  };
  const place = placeOf(tx);
  return valuesOf({ ...facts, header }, place, { rest: place.path, captures: new Map() });
}
