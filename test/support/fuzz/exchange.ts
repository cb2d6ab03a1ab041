/**
 * Requests and responses at random, as the two ends of Weir send them: what a lawful client and a lawful origin may say,
 * at its edges. Fields are drawn from those that a proxy has to do something about, and from names that mean nothing.
 */
import * as fc from "fast-check";

export type Field = readonly [name: string, value: string];

/** How a body is sent. Pieces are chunks, where there are chunks. */
export interface Body {
  readonly framing: "none" | "length" | "chunked";
  readonly pieces: readonly Uint8Array[];
}

export interface FuzzRequest {
  readonly method: string;
  readonly target: string;
  readonly fields: readonly Field[];
  readonly body: Body;
}

export interface FuzzResponse {
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly Field[];
  /** "close": the connection's end is the body's. */
  readonly body: Omit<Body, "framing"> & { readonly framing: Body["framing"] | "close" };
}

/** The origin's `connection`: one that requests before have used, or one for each. Which it is shows in values that are no UTF-8. */
export type Connection = "reuse" | "each";

export interface Exchange {
  readonly connection: Connection;
  readonly request: FuzzRequest;
  readonly response: FuzzResponse;
}

/** All that workerd's parser knows, but for CONNECT and TRACE, which `fetch` cannot send. */
const methods =
  "GET HEAD POST PUT DELETE PATCH OPTIONS PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT SEARCH PURGE";
const method = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("GET", "HEAD", "POST", "PUT") },
  fc.constantFrom(...methods.split(" ")),
);

const text = (characters: string, maxLength: number, minLength = 0) =>
  fc.string({ unit: fc.constantFrom(...characters.split("")), minLength, maxLength });

const segment = fc.oneof(
  text("abz09-._~!$&'()*+,;=:@", 8),
  fc.constantFrom(
    ".",
    "..",
    "",
    "%2e",
    "%2E%2e",
    "%2f",
    "%00",
    "%5c",
    "\\",
    ";x=..",
    "%",
    "%zz",
    "|^{}",
    "a#b",
  ),
);
const query = text("ab09%&=+?/[]{}|\\^':;,.~!$@*()_-", 16);
const target = fc
  .tuple(fc.array(segment, { maxLength: 6 }), fc.option(query))
  .map(([path, query]) => `/${path.join("/")}${query === null ? "" : `?${query}`}`);

/** Visible characters, blanks in between, and bytes above 0x7F (RFC 9110 §5.5). */
const value = fc.oneof(
  text("abcXYZ019 \t!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~", 24).map((value) => value.trim()),
  text('aé\u0080\u00A0ÿ "', 12).map((value) => value.replaceAll(/^[ \t]+|[ \t]+$/g, "")),
  fc.constant(""),
);
const named = (...names: readonly string[]) => fc.tuple(fc.constantFrom(...names), value);

/** No name that means anything begins with these letters. */
const free = fc.tuple(
  text("abcXYZ019-_.!#$%&'*+^`|~", 10).map((rest) => `Qq${rest}`),
  value,
);
/** Of the connection, with values that are lawful; `Connection` names some of the free ones. */
const ofConnection = fc.constantFrom<Field>(
  ["Connection", "keep-alive, Qq-Once"],
  ["Connection", "qq-ONCE , Qq-Twice"],
  ["Keep-Alive", "timeout=5"],
  ["Proxy-Connection", "keep-alive"],
  ["TE", "trailers, deflate;q=0.5"],
  ["Trailer", "Expires"],
  ["Proxy-Authenticate", "Basic"],
);
const once = named("Qq-Once", "Qq-Twice");

const requestField = fc.oneof(
  { weight: 3, arbitrary: free },
  once,
  ofConnection,
  fc.constantFrom<Field>(["Upgrade", "h2c"], ["Proxy-Authorization", "Basic eDp5"]),
  fc.constantFrom<Field>(["CDN-Loop", "cloudflare; loops=1"], ["CDN-Loop", "other"]),
  named(
    "X-Forwarded-For",
    "X_Forwarded_Host",
    "X-Real-IP",
    "Forwarded",
    "Client-IP",
    "True-Client-IP",
    "Proxy",
  ),
  named("X-Weir-Origin", "x-weir-anything", "X_Weir_Admin", "CF-Connecting-IP", "cf-ray", "X-Request-Id"),
  // Of a scheme that is each request's own: any other goes alone (`test/e2e/connection-logins.test.ts`).
  text("abcXYZ019+/", 24).map((token): Field => ["Authorization", `Bearer ${token}`.trim()]),
  named("Accept", "Accept-Encoding", "Accept-Language", "Cookie", "Content-Type", "Content-Encoding"),
  named(
    "Range",
    "If-Range",
    "If-None-Match",
    "Origin",
    "Referer",
    "User-Agent",
    "Via",
    "Cache-Control",
    "Pragma",
  ),
);
const responseField = fc.oneof(
  { weight: 3, arbitrary: free },
  { weight: 2, arbitrary: named("Set-Cookie") },
  once,
  ofConnection,
  named("X-Weir-Origin", "X-Weir-Load", "X-Request-Id"),
  named(
    "Server",
    "Date",
    "Vary",
    "ETag",
    "Last-Modified",
    "Content-Type",
    "Content-Range",
    "Accept-Ranges",
    "Age",
  ),
  named(
    "Cache-Control",
    "Allow",
    "Retry-After",
    "WWW-Authenticate",
    "Link",
    "X-Frame-Options",
    "Via",
    "Alt-Svc",
  ),
  fc.tuple(fc.constant("Content-Encoding"), fc.constantFrom("gzip", "br", "zstd", "identity", "unheard-of")),
  fc.tuple(
    fc.constant("Location"),
    fc.constantFrom("/x", "../y?z", "https://elsewhere.test/", "", "http://["),
  ),
);

/** A redirect leads to one place. */
const withOneLocation = (fields: readonly Field[]): readonly Field[] =>
  fields.filter(
    ([name], index) => name !== "Location" || fields.findIndex(([first]) => first === name) === index,
  );

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
/** Mostly small, some of them beyond what is kept of a body to be sent again, and beyond a socket's buffer. */
const pieces = fc.oneof(
  { weight: 8, arbitrary: fc.array(bytes(64), { maxLength: 4 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 1, max: 300_000 }), fc.integer({ min: 0, max: 255 }), bytes(8))
      .map(([length, byte, end]) => [new Uint8Array(length).fill(byte), end]),
  },
);

const body = (...framings: readonly Body["framing"][]): fc.Arbitrary<Body> =>
  fc.record({ framing: fc.constantFrom(...framings), pieces });
const noBody = fc.constant<Body>({ framing: "none", pieces: [] });

/** Content of GET is refused and not read, so little of it is sent: a connection that is reset may lose the answer. */
const mostOfGet = 64;
const isSent = ({ method, body: { pieces } }: FuzzRequest): boolean =>
  (method !== "GET" && method !== "HEAD") || pieces.every(({ length }) => length <= mostOfGet);

const anyRequest: fc.Arbitrary<FuzzRequest> = fc
  .record({
    method,
    target,
    fields: fc.array(requestField, { maxLength: 12 }),
    body: fc.oneof(noBody, body("length", "chunked")),
  })
  .filter(isSent);

/** Final ones. What a proxy treats apart comes up often; a status without a body has none. */
const status = fc.oneof(
  fc.constantFrom(200, 204, 205, 206, 301, 304, 404, 500, 502, 503),
  fc.integer({ min: 200, max: 599 }),
);
const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

const anyResponse: fc.Arbitrary<FuzzResponse> = status.chain((status) =>
  fc.record({
    status: fc.constant(status),
    reason: text("abcXYZ019 -'", 12).map((reason) => reason.trim()),
    fields: fc.array(responseField, { maxLength: 12 }).map(withOneLocation),
    body: bodiless.has(status)
      ? noBody
      : fc.record({
          framing: fc.constantFrom("length" as const, "chunked" as const, "close" as const),
          pieces,
        }),
  }),
);

/** Some exchanges at once, on connections of their own or one after the other on the same. */
export const anyBatch = fc.record({
  sharing: fc.boolean(),
  exchanges: fc.array(
    fc.record({
      connection: fc.constantFrom<Connection>("reuse", "each"),
      request: anyRequest,
      response: anyResponse,
    }),
    { minLength: 1, maxLength: 16 },
  ),
});

export type Batch = typeof anyBatch extends fc.Arbitrary<infer T> ? T : never;
