/**
 * The headers that Weir vouches for: applications believe them, or the message would not hold together without them. A config that writes
 * one of them by hand is told what to use instead. What Weir itself drops and writes for every route stands in `worker/proxy/request/forwarding-headers.ts`.
 *
 * Names are compared as the gateways of CGI and its heirs read them: `X_Real_IP` is X-Real-IP to them.
 */

/** On the way to an origin, or to a client. */
export type Direction = "request" | "response";

/** What a config does with a header. */
export type HeaderAction = "set" | "default" | "add" | "remove";

interface Owned {
  /** In lower case; with `*` at the end, all that begin so. */
  readonly names: readonly string[];
  readonly actions: readonly HeaderAction[];
  /** What to write instead. */
  readonly instead: string;
}

const writing: readonly HeaderAction[] = ["set", "default", "add"];
const anything: readonly HeaderAction[] = [...writing, "remove"];

/** Of one connection (RFC 9110 §7.6.1, and what was said before it). Expect is among them because workerd never relays the 100 that it asks for. */
export const connectionFields: readonly string[] = [
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

const ofTheMessage: readonly Owned[] = [
  {
    names: connectionFields,
    actions: anything,
    instead: "no header of one connection: Weir makes its own on each side",
  },
  { names: ["content-length"], actions: anything, instead: "no length: the body says it" },
  { names: ["sec-websocket-*"], actions: anything, instead: "none of a WebSocket's handshake" },
  { names: ["x-weir-*"], actions: anything, instead: "none of Weir's own: debug of the route shows them" },
  { names: ["x-request-id"], actions: writing, instead: 'another name: "${requestId}" is the request\'s id' },
  { names: ["via"], actions: writing, instead: "forwarding.via, which names Weir in Via" },
];

const ofRequests: readonly Owned[] = [
  ...ofTheMessage,
  {
    names: ["host"],
    actions: anything,
    instead: "host of the origin, which says the Host that origins get",
  },
  {
    names: ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"],
    actions: writing,
    instead: "nothing: Weir writes it, from the connection and from what forwarding.trusted says",
  },
  { names: ["forwarded"], actions: writing, instead: "forwarding: { forwarded: true }" },
  { names: ["cdn-loop"], actions: anything, instead: "nothing: Weir finds requests that come around by it" },
  { names: ["cookie"], actions: ["add"], instead: 'set, with "${header.cookie}; name=value"' },
  {
    names: ["authorization", "content-type"],
    actions: ["add"],
    instead: "set or default: a request has one of it",
  },
];

const ofResponses: readonly Owned[] = [
  ...ofTheMessage,
  {
    names: ["persistent-auth", "proxy-support"],
    actions: anything,
    instead: "no header of one connection: Weir makes its own on each side",
  },
  {
    names: ["content-encoding", "content-range"],
    actions: anything,
    instead: "nothing: the body goes through as the origin has made it",
  },
  { names: ["date"], actions: anything, instead: "nothing: the origin or Weir says it (RFC 9110 §6.6.1)" },
  { names: ["strict-transport-security"], actions: writing, instead: "https: { hsts: … } of the route" },
  { names: ["location", "refresh"], actions: writing, instead: "a redirect in rules of the route" },
  {
    names: ["set-cookie"],
    actions: ["set", "default"],
    instead: "add, which leaves the other cookies as they are",
  },
  {
    names: ["vary"],
    actions: ["set", "default"],
    instead: "add: caches must learn what else the answer goes by",
  },
];

const tables: Readonly<Record<Direction, readonly Owned[]>> = { request: ofRequests, response: ofResponses };

/** What to use in place of doing this with the header; `undefined`: it may be done. */
export function insteadOf(direction: Direction, action: HeaderAction, name: string): string | undefined {
  const known = formOf(name);
  return tables[direction].find(({ names, actions }) => actions.includes(action) && isNamed(names, known))
    ?.instead;
}

const unsettable = (table: readonly Owned[]): readonly string[] =>
  table.flatMap(({ names, actions }) => (actions.includes("set") ? names : []));

/** What patterns pass over: of answers also what options of the route write. */
const passedOver: Readonly<Record<Direction, readonly string[]>> = {
  request: unsettable(ofRequests),
  response: [...unsettable(ofResponses), "access-control-*"],
};

/** Whether a pattern for names, which names no header outright, passes this one over: Weir vouches for it. */
export function isOwned(direction: Direction, name: string): boolean {
  return isNamed(passedOver[direction], formOf(name));
}

/** Claims about a client and its request that Weir drops; applications read the most different ones. The config may make them, only not by what a client says. */
export const clientClaims: readonly string[] = [
  "cf-connecting-ip",
  "cf-connecting-ipv6",
  "cf-connecting-o2o",
  "cf-pseudo-ipv4",
  "cf-visitor",
  "client-ip",
  "fastly-client-ip",
  "fly-client-ip",
  "forwarded-for",
  "forwarded-for-ip",
  "front-end-https",
  // CGI turns it into HTTP_PROXY, which HTTP clients obey (CVE-2016-5385).
  "proxy",
  "proxy-client-ip",
  "true-client-ip",
  "wl-proxy-client-ip",
  "x-appengine-user-ip",
  "x-azure-clientip",
  "x-azure-socketip",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-envoy-external-address",
  "x-forwarded",
  "x-host",
  "x-original-forwarded-for",
  "x-original-host",
  "x-original-url",
  "x-originating-ip",
  "x-remote-addr",
  "x-remote-ip",
  "x-rewrite-url",
];

const claims = [...clientClaims, "cf-*", "x-forwarded-*"];

/** Whether applications take the header for the word of a proxy that knows. */
export function isClaim(name: string): boolean {
  return isNamed(claims, formOf(name));
}

const isNamed = (names: readonly string[], known: string): boolean =>
  names.some((name) => (name.endsWith("*") ? known.startsWith(name.slice(0, -1)) : name === known));

const formOf = (name: string): string => name.toLowerCase().replaceAll(/[^a-z\d]/g, "-");
