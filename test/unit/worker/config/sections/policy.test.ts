/** `policy`: a name, or an object with a name and options. */
import { policy as section } from "../../../../../worker/config/sections/policy.ts";
import { accepts, inUpstream, refuses, refusesValues, unknownKey, words } from "../tables.ts";

const policy = inUpstream(section);

const hash = (key: string, from: object, options: object = { bounded: true }) =>
  [
    { name: "hash", key, ...options },
    { name: "hash", key: from, ...options },
  ] as const;
accepts(policy, [
  [undefined, { name: "adaptive" }],
  ["adaptive", { name: "adaptive" }],
  ["first", { name: "first" }],
  ["ip_hash", { name: "ip_hash" }],
  [{ name: "peak_ewma" }],
  ["least_time", { name: "least_time", by: "header", inflight: false }],
  [{ name: "least_time", by: "last_byte", inflight: true }],
  ["random_two", { name: "random_two", by: "least_conn" }],
  [{ name: "random_two", by: "least_time" }],
  [{ name: "hash", key: "path" }, hash("path", { from: "path" })[1]],
  hash("address", { from: "address" }),
  hash("header:X-Tenant", { from: "header", name: "x-tenant" }, { bounded: false }),
  hash("cookie:Session", { from: "cookie", name: "Session" }),
  hash("query:user[id]", { from: "query", name: "user[id]" }),
]);

const example = '{ "name": "hash", "key": "header:X-Tenant" }';
const object = `the name of a policy, or an object such as ${example}`;
const key =
  '"path", "address", "header:NAME", "cookie:NAME" or "query:NAME", the names those of HTTP (RFC 9110)';
refusesValues(policy, [
  ["", "least_con", unknownKey("least_conn")],
  ["", "random", unknownKey("random_two")],
  ["", "", unknownKey()],
  ["", 7, object],
  ["", "hash", `an object with what to hash, such as ${example}`],
  [".name", undefined, object],
  [".name", "leasttime", unknownKey("least_time")],
]);
refuses(policy, [
  ...[undefined, "header:", "header:X Y", "query:a&b", "body"].map(
    (written) => [{ name: "hash", key: written }, ".key", key] as const,
  ),
  [{ name: "least_time", by: "headers" }, ".by", words("header", "last_byte")],
  [{ name: "random_two", by: "adaptive" }, ".by", words("least_conn", "least_time")],
  [{ name: "hash", key: "path", bounded: 1.25 }, ".bounded", "true or false"],
  [{ name: "first", by: "header" }, ".by", unknownKey(), 'unknown key "by"'],
  [{ name: "least_time", infligth: true }, ".infligth", unknownKey("inflight"), 'unknown key "infligth"'],
]);
