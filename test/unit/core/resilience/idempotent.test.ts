/** Which methods may be sent twice: as IANA's HTTP Method Registry says, method by method. */
import { expect, test } from "vitest";

import { idempotentMethods } from "../../../../core/resilience/idempotent.ts";

/** The registry as of RFC 9110 and RFC 7237, in its order: the methods, and whether each is idempotent. */
const registry = `ACL yes, BASELINE-CONTROL yes, BIND yes, CHECKIN yes, CHECKOUT yes, CONNECT no, COPY yes, DELETE yes, GET yes, HEAD yes,
  LABEL yes, LINK yes, LOCK no, MERGE yes, MKACTIVITY yes, MKCALENDAR yes, MKCOL yes, MKREDIRECTREF yes, MKWORKSPACE yes, MOVE yes,
  OPTIONS yes, ORDERPATCH yes, PATCH no, POST no, PRI yes, PROPFIND yes, PROPPATCH yes, PUT yes, QUERY yes, REBIND yes, REPORT yes,
  SEARCH yes, TRACE yes, UNBIND yes, UNCHECKOUT yes, UNLINK yes, UNLOCK yes, UPDATE yes, UPDATEREDIRECTREF yes, VERSION-CONTROL yes`;
const rows = registry.split(",").map((row) => row.trim().split(" "));

test.each(rows)("%s: %s", (method = "", said) => {
  expect(idempotentMethods.has(method)).toBe(said === "yes");
});

test("no other one is: what is not registered may do anything", () => {
  expect([...idempotentMethods].filter((method) => !rows.some(([known]) => known === method))).toEqual([]);
});
