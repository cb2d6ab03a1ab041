/** Origins: where they are, and what each way to them can do. */
import { describe, expect, test } from "vitest";
import { accepts, allows, originParts, refuses, refusesValues, unknownKey, whole, words } from "../tables.ts";
import { compileOrigin, origin } from "../../../../../worker/config/sections/origin.ts";
import { bindingKinds } from "../../../../../worker/config/sections/way.ts";
import { withOrigin } from "../example-config.ts";

const least = {
  name: "a",
  url: "https://a.example.com",
  weight: 1,
  backup: false,
  via: "fetch",
  connection: "auto",
};
const written = {
  weight: 0,
  maxConns: 8,
  backup: true,
  via: { binding: "VPC" },
  connection: "reuse",
  access: { id: "a.access", secret: "b" },
};
const another = { name: "b", url: "https://b.example.com" };
const urlOf = (url: string): object => ({ ...least, url });
const bound = (kind: string): object => ({ via: { binding: "B", kind } });
/** Every kind of binding but these. */
const boundBut = (...kinds: readonly string[]): readonly object[] =>
  bindingKinds.filter((kind) => !kinds.includes(kind)).map(bound);

accepts(originParts, [
  [{}, least],
  [{ host: "origin" }, least],
  [
    { ...bound("worker"), host: "preserve" },
    { ...least, ...bound("worker"), host: "preserve" },
  ],
  [
    { ...bound("vpc-service"), host: "Shop.example.com:8080" },
    { ...least, ...bound("vpc-service"), host: { literal: "shop.example.com:8080" } },
  ],
  [{ url: "https://a.example.com/" }, urlOf("https://a.example.com")],
  [{ url: "HTTP://A.Example.com:80/Base//" }, urlOf("http://a.example.com/Base")],
  [{ url: "https://a.example.com:8443/x/../y" }, urlOf("https://a.example.com:8443/y")],
  [{ url: "https://bücher.example/@me" }, urlOf("https://xn--bcher-kva.example/@me")],
]);
accepts({ ...originParts, make: (parts) => ({ ...withOrigin({}), ...withTwo(parts as object) }) }, [
  [written, { ...least, ...written }],
]);

function withTwo(parts: object): object {
  return {
    upstreams: {
      shop: { pools: [{ name: "home", origins: [{ name: "a", url: least.url, ...parts }, another] }] },
    },
  };
}

test("an origin is the same by itself as in its pool", () => {
  const read = origin.read({ ...least, host: "origin" }, [], { target: "edge", problems: [] });
  expect(typeof read === "symbol" ? read : compileOrigin(read)).toEqual(least);
});

const url = "an http: or https: URL without credentials, query or fragment";
const scheme = 'a scheme, too: "http://" or "https://" before the host';
const binding = "the name of a binding: 1 to 64 letters, digits or _, the first a letter";
const token = "text of 1 to 256 visible characters, as ${ENV:NAME}";
refusesValues(originParts, [
  [".url", null, url],
  [".url", "a.example.com", scheme],
  [".url", "ftp://a.example.com", url],
  [".url", "http:///a.example.com", url],
  [".url", "https://a.example.com/#x", url],
  [".url", "https://a.example.com/\r\nx", url],
  // What is secret in it is not shown.
  [".url", "https://me:hunter2@a.example.com", url, '"https://***@a.example.com"'],
  [".url", "https://me:hun/ter@2@a.example.com", url, '"https://***@a.example.com"'],
  [".url", "https://a.example.com/?key=hunter2", url, '"https://a.example.com/?***"'],
  ...[-1, 1001, 0.5, "1", null].map((weight) => [".weight", weight, whole(0, 1000)] as const),
  [".maxConns", 0, whole(1, 1_000_000)],
  [".backup", "no", "true or false"],
  [".maxconns", 8, unknownKey("maxConns"), 'unknown key "maxconns"'],
  [".connection", "new", words("auto", "each", "reuse")],
  [".via", "vpc", '"fetch", or { "binding": "NAME" }'],
  [".via.binding", undefined, binding],
  [".via.binding", "__proto__", binding],
]);
refuses(originParts, [
  [
    { via: { binding: "VPC", kind: "vpc" } },
    ".via.kind",
    words("vpc-network", "vpc-service", "worker", "mtls"),
  ],
  [{ via: { binding: "A", port: 1 } }, ".via.port", unknownKey(), 'unknown key "port"'],
  [{ access: { id: "a" } }, ".access.secret", token],
  [{ access: { secret: "b" } }, ".access.id", token],
]);

const fixed =
  /^"origin", or a way that dials a fixed address: .* X-Forwarded-Host says what the client asked for$/;
const hostExpected = '"origin", "preserve", or a host such as "shop.example.com"';
const opened = /^"auto" or "reuse", or a way on which connections can be opened: /;
describe("a Host that the way cannot send is refused", () => {
  refuses(originParts, [
    [{ host: "preserve" }, ".host", fixed],
    [{ host: "shop.example.com", via: { binding: "VPC" } }, ".host", fixed],
    ...boundBut("vpc-service", "worker").map(
      (way) => [{ host: "preserve", ...way }, ".host", fixed] as const,
    ),
  ]);
});
refuses(originParts, [
  [{ host: "a:99999", ...bound("worker") }, ".host", hostExpected],
  ...[{ via: { binding: "VPC" } }, ...boundBut("vpc-network")].map(
    (way) => [{ connection: "each", ...way }, ".connection", opened] as const,
  ),
]);
allows(originParts, [
  { host: "origin", ...bound("mtls") },
  { connection: "each", via: "fetch" },
  { connection: "each", ...bound("vpc-network") },
  { connection: "reuse", ...bound("worker") },
]);

const clear = "an https: URL: the access token must not travel in the clear";
const inTheClear = { url: "http://a.example.com", access: written.access };
refuses(originParts, [
  [inTheClear, ".url", clear],
  [{ ...inTheClear, ...bound("mtls") }, ".url", clear],
]);
allows(originParts, [{ ...inTheClear, ...bound("worker") }, { access: written.access }]);

const near = ["http://127.0.0.1:9101", "http://[::1]:9101", "http://localhost:9101", "http://shop.internal"];
refuses(originParts, [
  ...`http://10.0.0.5:8080 http://0x7f.1 http://[::1]:8080 http://localhost http://x.LOCALHOST. http://intranet
    https://rack-1.local https://shop.corp.internal`
    .split(/\s+/)
    .map((url) => [{ url }, ".url", /^a public DNS name: at the edge a public fetch /] as const),
  [{ url: "https://10.0.0.5", ...bound("mtls") }, ".url", /^a public DNS name: /],
]);
allows(
  originParts,
  near.map((url) => ({ url, via: { binding: "ONPREM" } })),
);
allows(
  { ...originParts, make: (parts) => withOrigin(parts as object, { target: "workerd" }) },
  near.map((url) => ({ url })),
);
