/** What rules can know of a request in hand (`core/rules/request-facts.ts`). */
import type { RequestFacts, RequestPlace } from "../../../core/rules/request-facts.ts";
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
