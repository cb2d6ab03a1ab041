/**
 * All parsers of what a client or a trusted proxy sends, with the shapes that cost each of them most. What else the same files
 * export is in `unmeasured.ts`; `test/unit/sources/parsers.test.ts` holds the lists against the sources.
 */
import { meets } from "../../../../../core/rules/conditions.ts";
import { decodedPath } from "../../../../../core/rules/pattern.ts";
import { argumentOf, decoded, valuesOf, type RequestFacts } from "../../../../../core/rules/request-facts.ts";
import { applyRules } from "../../../../../core/rules/rules.ts";
import { renderUrl, targetOf, type UrlTemplate } from "../../../../../core/rules/url-template.ts";
import { escapeFor, type EscapePlace } from "../../../../../core/templates/escape.ts";
import { render } from "../../../../../core/templates/template.ts";
import { routingPath, withoutGaps } from "../../../../../core/routing/path.ts";
import { admit, carriesToken } from "../../../../../worker/api/admin-token.ts";
import {
  isAddress,
  isWithin,
  parseNetwork,
  type Network,
} from "../../../../../worker/config/kinds/network.ts";
import { parseRegistration } from "../../../../../worker/config/registration.ts";
import { isBasic, readBasicCredentials } from "../../../../../worker/proxy/request/basic-credentials.ts";
import {
  addressPrefix,
  clientAddress,
  ownerOf,
  withoutPort,
} from "../../../../../worker/proxy/request/client-address.ts";
import { challengesOf, loginOf } from "../../../../../worker/proxy/attempt/connection-login.ts";
import { canBeRewritten } from "../../../../../worker/proxy/response/rewritable.ts";
import { elementsOf } from "../../../../../worker/proxy/request/forwarded-syntax.ts";
import { toOriginHeaders } from "../../../../../worker/proxy/request/forwarding-headers.ts";
import { hasPassed } from "../../../../../worker/proxy/request/loop.ts";
import { prefersHtml } from "../../../../../worker/proxy/response/prefers-html.ts";
import { keyedHash } from "../../../../../core/limits/keyed-hash.ts";
import { accountOf, limitKeyOf, requestKey } from "../../../../../worker/proxy/request/request-key.ts";
import { requestSource } from "../../../../../worker/proxy/request/request-source.ts";
import {
  hostnameOf,
  isHost,
  readRequestUrl,
  withTarget,
  type RequestUrl,
} from "../../../../../worker/proxy/request/request-url.ts";
import { isWithheld } from "../../../../../worker/proxy/request/cross-site.ts";
import { secureUrl } from "../../../../../worker/proxy/filters/https.ts";
import {
  createStickyCodec,
  readCookies,
  withoutCookie,
} from "../../../../../worker/proxy/request/sticky-cookie.ts";
import {
  handshakeError,
  isWebSocketUpgrade,
} from "../../../../../worker/proxy/request/websocket-handshake.ts";
import { contentLength } from "../../../../../worker/transport/content-length.ts";
import { readClaim } from "../../../../../worker/transport/signed-message.ts";
import { ofRoutes } from "./route-parsers.ts";
import * as shapes from "./shapes.ts";
import { type Parser, client, field } from "./parser.ts";

/** As long as `limits.target` allows by default. */
const targetChars = 16_384;
/** Of a body whose signature has to be good. */
const registrationChars = 4_096;

const trusted: Network[] = ["10.0.0.0/8", "::1"].flatMap((text) => parseNetwork(text) ?? []);
const codec = await createStickyCodec("0123456789abcdef0123456789abcdef");
const adminToken = "the-token-that-opens-weir";
/** A request with a URL as workerd glues it together, which `Request` would bring into its own form. */
function requestFor(url: string, headers: Record<string, string> = {}, clientIp = "10.0.0.2:80"): Request {
  const request = new Request("http://h/", { headers });
  Object.defineProperty(request, "url", { value: url });
  Object.defineProperty(request, "cf", { value: { clientIp } });
  return request;
}

const urlOf = (path: string): RequestUrl => ({
  scheme: "http",
  authority: "h",
  hostname: "h",
  path,
  target: path,
  routingPath: path,
});

function prepared(headers: Record<string, string>): () => unknown {
  const request = requestFor("http://h/", headers);
  return () =>
    toOriginHeaders(request, {
      method: "GET",
      source: { address: undefined, hops: [], ...client },
      config: {
        target: "workerd",
        forwarding: { forwarded: false, via: "weir" },
        limits: { headersBytes: Infinity },
      },
      id: "1",
      adminToken,
      loopId: "weir-1",
    });
}

function seenFrom(read: "x-forwarded" | "forwarded", name: string) {
  return (text: string): (() => unknown) => {
    const request = requestFor("http://h/", field(name, text));
    return () =>
      requestSource(request, urlOf("/"), "workerd", { trusted, read, forwarded: true }, () => true);
  };
}

/** A request whose every part is the text. */
const factsOf = (text: string): RequestFacts => ({
  method: "GET",
  scheme: "http",
  host: "h",
  requestId: "1",
  client: text,
  header: () => text,
  cookie: () => text,
});
const everywhere: UrlTemplate = {
  path: ["/", { is: "path" }, { is: "rest" }, { is: "header", name: "x" }, { is: "arg", name: "x" }],
  query: [{ is: "query" }, "&x=", { is: "cookie", name: "x" }],
  fragment: "",
};
const places: readonly EscapePlace[] = ["path", "query", "argument", "header", "html", "json", "text"];

const ofRules: readonly Parser[] = [
  {
    of: [
      "core/rules/rules.ts#applyRules",
      "core/rules/url-template.ts#renderUrl",
      "core/rules/url-template.ts#targetOf",
      "core/rules/request-facts.ts#valuesOf",
      "worker/proxy/request/request-url.ts#withTarget",
    ],
    shapes: shapes.ofPaths,
    chars: targetChars,
    reads: (text) => {
      const facts = factsOf(text);
      const path = `/a/${text}`;
      const place = { path, routingPath: routingPath(path), query: text };
      const values = valuesOf(facts, place, { rest: text, captures: new Map() });
      const rule = {
        path: { is: "prefix", path: "/a" },
        action: { kind: "rewrite", to: everywhere, after: "next" },
      } as const;
      return () => [
        applyRules([rule], facts, place),
        withTarget(urlOf("/"), targetOf(renderUrl(everywhere, values, text))),
      ];
    },
  },
  {
    of: [
      "core/rules/conditions.ts#meets",
      "core/rules/request-facts.ts#argumentOf",
      "core/rules/request-facts.ts#decoded",
      "core/rules/pattern.ts#decodedPath",
    ],
    shapes: [...shapes.ofPaths, ["", "a&", ""], ["", "%41=", "x"], ["", "+", ""]],
    chars: targetChars,
    reads: (text) => {
      const args = [{ name: "x", test: { is: "one-of", texts: ["y"] } }] as const;
      const facts = factsOf(text);
      return () => [
        meets({ query: args, headers: args, cookies: args }, facts, { query: text }),
        argumentOf(text, "x"),
        decoded(text),
        decodedPath(text),
      ];
    },
  },
  {
    of: ["core/templates/escape.ts#escapeFor", "core/templates/template.ts#render"],
    shapes: [...shapes.ofPaths, ["", "%", ""], ["", "%4", ""], ["", "</", ""], ["", "\ud800", ""]],
    reads: (text) => () =>
      places.map((place) =>
        render(
          [{ is: "path" }, { is: "client" }],
          () => text,
          (value, variable) => escapeFor(place, value, variable),
        ),
      ),
  },
];

export const ofRequests: readonly Parser[] = [
  ...ofRules,
  ...ofRoutes,
  {
    of: ["worker/proxy/request/request-url.ts#readRequestUrl"],
    shapes: [...shapes.ofPaths, ...shapes.ofHosts],
    chars: targetChars,
    reads: (text) => {
      const [inPath, inHost] = [requestFor(`http://h/${text}`), requestFor(`http://${text}/`)];
      return () => [readRequestUrl(inPath), readRequestUrl(inHost)];
    },
  },
  {
    of: ["worker/proxy/request/request-url.ts#isHost", "worker/proxy/request/request-url.ts#hostnameOf"],
    shapes: shapes.ofHosts,
    reads: (text) => () => [isHost(text), hostnameOf(text)],
  },
  {
    of: ["core/routing/path.ts#routingPath", "core/routing/path.ts#withoutGaps"],
    shapes: shapes.ofPaths,
    chars: targetChars,
    reads: (text) => () => [routingPath(`/${text}`), withoutGaps(`/${text}`)],
  },
  {
    of: ["worker/proxy/request/forwarding-headers.ts#toOriginHeaders"],
    shapes: shapes.ofFields,
    reads: (text) => {
      const works = [
        "Connection",
        "Authorization",
        "CDN-Loop",
        "Transfer-Encoding",
        "Upgrade",
        "Via",
        "Cookie",
      ].map((name) => prepared(field(name, text)));
      return () => works.map((work) => work());
    },
  },
  {
    of: ["worker/proxy/request/forwarding-headers.ts#toOriginHeaders"],
    shapes: [["", "x", ""]],
    chars: 8_192,
    // As many fields as there are characters.
    reads: (text) => prepared(Object.fromEntries(Array.from(text, (char, at) => [`${char}_${at}`, "1"]))),
  },
  {
    of: [
      "worker/proxy/request/request-source.ts#requestSource",
      "worker/proxy/request/forwarded-syntax.ts#forwardedValue",
    ],
    shapes: shapes.ofAddresses,
    reads: seenFrom("x-forwarded", "X-Forwarded-For"),
  },
  {
    of: ["worker/proxy/request/request-source.ts#requestSource"],
    shapes: [...shapes.ofFields, ...shapes.ofHosts],
    reads: (text) => {
      const works = ["X-Forwarded-Proto", "X-Forwarded-Host"].map((name) =>
        seenFrom("x-forwarded", name)(text),
      );
      return () => works.map((work) => work());
    },
  },
  {
    of: ["worker/proxy/request/request-source.ts#requestSource"],
    shapes: shapes.ofForwarded,
    reads: seenFrom("forwarded", "Forwarded"),
  },
  {
    of: ["worker/proxy/request/forwarded-syntax.ts#elementsOf"],
    shapes: shapes.ofForwarded,
    reads: (text) => () => elementsOf(text),
  },
  {
    of: [
      "worker/proxy/request/client-address.ts#withoutPort",
      "worker/proxy/request/client-address.ts#addressPrefix",
      "worker/proxy/request/client-address.ts#clientAddress",
      "worker/proxy/request/client-address.ts#ownerOf",
      "worker/config/kinds/network.ts#isAddress",
      "worker/config/kinds/network.ts#isWithin",
    ],
    shapes: shapes.ofAddresses,
    reads: (text) => {
      const request = requestFor("http://h/", {}, text);
      return () => [
        withoutPort(text),
        addressPrefix(text),
        ownerOf(text),
        clientAddress(request, "workerd"),
        isAddress(text),
        isWithin(text, trusted),
      ];
    },
  },
  {
    of: [
      "worker/proxy/request/loop.ts#hasPassed",
      "worker/proxy/request/basic-credentials.ts#isBasic",
      "worker/proxy/request/basic-credentials.ts#readBasicCredentials",
    ],
    shapes: [...shapes.ofFields, ["Basic ", "YWxp", "="], ["basic", " ", "YQ=="]],
    reads: (text) => () => [hasPassed(text, "weir-1"), isBasic(text), readBasicCredentials(text)],
  },
  {
    of: ["worker/proxy/response/prefers-html.ts#prefersHtml"],
    shapes: [...shapes.ofFields, ["text/html", ";q=0.5", ""], ["", "text/html;q=0,", ""]],
    reads: (text) => () => prefersHtml(text),
  },
  {
    of: [
      "worker/proxy/request/sticky-cookie.ts#readCookies",
      "worker/proxy/request/sticky-cookie.ts#withoutCookie",
      "worker/proxy/request/sticky-cookie.ts#createStickyCodec",
    ],
    shapes: shapes.ofCookies,
    reads: (text) => () => [readCookies(text, "weir"), withoutCookie(text, "weir"), codec.open(text, "shop")],
  },
  {
    of: [
      "worker/proxy/request/request-key.ts#requestKey",
      "worker/proxy/request/request-key.ts#accountOf",
      "worker/proxy/request/request-key.ts#limitKeyOf",
    ],
    shapes: [...shapes.ofCookies, ...shapes.ofPaths],
    reads: (text) => {
      const request = requestFor("http://h/", field("Cookie", text));
      const url = { ...urlOf("/"), target: `/?${text}` };
      const sources = { request, url, address: undefined };
      const keys = [
        { from: "cookie", name: "weir" },
        { from: "query", name: "a" },
      ] as const;
      return () =>
        keys.map((key) => [
          requestKey({ name: "hash", key, bounded: true }, sources),
          accountOf(key, sources),
          // Hashed, as it is long.
          accountOf({ from: "header", name: "cookie" }, sources),
          keyedHash(limitKeyOf("login", [key, { from: "header", name: "cookie" }], sources), {
            first: 1,
            second: 2,
          }),
        ]);
    },
  },
  {
    of: [
      "worker/proxy/request/websocket-handshake.ts#handshakeError",
      "worker/proxy/request/websocket-handshake.ts#isWebSocketUpgrade",
    ],
    shapes: shapes.ofFields,
    reads: (text) => {
      const headers = new Headers({ "Sec-WebSocket-Version": "13", ...field("Sec-WebSocket-Key", text) });
      return () => [handshakeError(headers, "workerd"), isWebSocketUpgrade("GET", text)];
    },
  },
  {
    of: ["worker/proxy/request/cross-site.ts#isWithheld"],
    shapes: [...shapes.ofFields, ["https://", "a.", "test"]],
    reads: (text) => {
      const headers = new Headers(field("Origin", text));
      return () => isWithheld({ method: "POST", headers }, "lax", text);
    },
  },
  {
    of: ["worker/proxy/filters/https.ts#secureUrl", "worker/transport/content-length.ts#contentLength"],
    shapes: [...shapes.ofFields, ["", "1", ""], ["", "1", "x"]],
    reads: (text) => {
      const headers = new Headers(field("Content-Length", text));
      return () => [contentLength(headers), secureUrl(text, 8_443, text)];
    },
  },
  {
    of: ["worker/api/admin-token.ts#carriesToken", "worker/api/admin-token.ts#admit"],
    shapes: [...shapes.ofFields, ["Bearer", " ", ""], ["Bearer a", " ", "b"], ["Bearer ", adminToken, ""]],
    reads: (text) => () => [carriesToken(text, adminToken), admit(text, undefined)],
  },
  {
    of: [
      "worker/proxy/attempt/connection-login.ts#loginOf",
      "worker/proxy/attempt/connection-login.ts#challengesOf",
      "worker/proxy/response/rewritable.ts#canBeRewritten",
    ],
    shapes: [...shapes.ofFields, ["", "NTLM,", ""], ["NTLM", " ", "="], ["", "a ,", ""], ['a "', '\\"', ""]],
    reads: (text) => () => [loginOf(text), challengesOf(text), canBeRewritten(text)],
  },
  {
    of: ["worker/transport/signed-message.ts#readClaim"],
    shapes: [...shapes.ofFields, ["sha256=", "0", ""], ["", "1", ""]],
    reads: (text) => () => readClaim(() => text),
  },
  {
    of: ["worker/config/registration.ts#parseRegistration"],
    shapes: [
      ['{"name":"', "a", '"}'],
      ['{"name":"a","url":"http://', "a.", '"}'],
      ['{"name":"a","url":"http://a:', "1", '"}'],
      ['{"name":"a","url":"', "/", '"}'],
      ["", "[", ""],
      ["", '{"a":', ""],
      ["{", '"a":1,', '"b":1}'],
    ],
    chars: registrationChars,
    reads: (text) => () => parseRegistration(text),
  },
];
