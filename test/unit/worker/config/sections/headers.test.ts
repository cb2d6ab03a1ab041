/** `headers` of routes and upstreams: what they come to, and what is refused with what to use instead. */
import { expect, test } from "vitest";

import {
  answerHeaders,
  removedName,
  requestHeaders,
} from "../../../../../worker/config/kinds/header-edit.ts";
import { writtenBy } from "../../../../../worker/config/sections/header-rules.ts";
import { headers as section } from "../../../../../worker/config/sections/headers.ts";
import { leastConfig } from "../example-config.ts";
import { accepts, allows, inRoute, inUpstream, issuesOf, refuses, unknownKey } from "../tables.ts";

const headers = inRoute(section);
const noEdits = { removed: [], writes: [] };
const contentStatuses = [
  { from: 200, to: 201 },
  { from: 204, to: 204 },
  { from: 206, to: 206 },
  { from: 301, to: 304 },
  { from: 307, to: 308 },
];

for (const scope of [headers, inUpstream(section)]) {
  accepts(scope, [
    [{}, { request: noEdits, response: noEdits }],
    [
      {
        request: {
          remove: ["Accept-Encoding", "X-Internal-*"],
          add: { "X-B": ["1", "${client}"] },
          set: { "X-A": "a ${header.X-Y}" },
          default: { "X-C": "" },
        },
      },
      {
        request: {
          removed: [{ name: "accept-encoding" }, { prefix: "x-internal-" }],
          writes: [
            { name: "X-A", how: "set", values: [["a ", { is: "header", name: "x-y" }]] },
            { name: "X-C", how: "default", values: [[]] },
            { name: "X-B", how: "add", values: [["1"], [{ is: "client" }]] },
          ],
        },
        response: noEdits,
      },
    ],
    [
      {
        response: {
          set: {
            "Cache-Control": "no-store",
            "X-A": { value: ["1", "2"], statuses: [404, "500-599"] },
            ETag: { value: "x", statuses: ["100-599"] },
          },
        },
      },
      {
        request: noEdits,
        response: {
          removed: [],
          writes: [
            { name: "Cache-Control", how: "set", values: [["no-store"]], statuses: contentStatuses },
            {
              name: "X-A",
              how: "set",
              values: [["1"], ["2"]],
              statuses: [
                { from: 404, to: 404 },
                { from: 500, to: 599 },
              ],
            },
            { name: "ETag", how: "set", values: [["x"]], statuses: [{ from: 100, to: 599 }] },
          ],
        },
      },
    ],
  ]);
}

allows(headers, [
  { request: { remove: ["X-Forwarded-For", "Via", "Cookie", "Authorization"] } },
  { request: { set: { "True-Client-IP": "${client}", "X-Forwarded-Port": "443", Cookie: "a=b" } } },
  { request: { set: { "X-A": "1" }, add: { "x-a": "2" } } },
  {
    response: {
      remove: ["Set-Cookie", "X-Request-Id", "Strict-Transport-Security"],
      add: { "Set-Cookie": "a=b" },
    },
  },
  { response: { set: { "Access-Control-Allow-Origin": "*", "X-A": "~ \t!" } } },
]);

const once = "each header once in set, default and remove; set has this one";
refuses(headers, [
  [{ requests: {} }, ".requests", unknownKey("request"), 'unknown key "requests"'],
  [
    { request: { set: { Host: "a.test" } } },
    ".request.set.Host",
    "host of the origin, which says the Host that origins get",
    'key "Host"',
  ],
  [
    { request: { set: { X_Real_IP: "1" } } },
    ".request.set.X_Real_IP",
    /^nothing: Weir writes it/,
    'key "X_Real_IP"',
  ],
  [
    { request: { default: { connection: "close" } } },
    ".request.default.connection",
    /^no header of one connection/,
    'key "connection"',
  ],
  [{ request: { remove: ["X-A", "Content-Length"] } }, ".request.remove[1]", "no length: the body says it"],
  [
    { request: { add: { Cookie: "a=b" } } },
    ".request.add.Cookie",
    'set, with "${header.cookie}; name=value"',
    'key "Cookie"',
  ],
  [{ request: { set: { "X-A": "${1}" } } }, ".request.set.X-A", /^one of \$\{path\}/, '"${1}"'],
  [{ request: { set: { "X-A": "${nope.x}" } } }, ".request.set.X-A", /^one of \$\{path\}/],
  [{ request: { set: { "X-A": "b\r\nc" } } }, ".request.set.X-A", /^a header's value in ASCII/],
  [{ request: { set: { "X-A": "é" } } }, ".request.set.X-A", /^a header's value in ASCII/],
  [{ request: { set: { "X-A": [] } } }, ".request.set.X-A", "a list of 1 to 16 values"],
  [{ request: { set: { "X A": "1" } } }, '.request.set["X A"]', /^a header's name: letters/, 'key "X A"'],
  [{ request: { remove: ["*"] } }, ".request.remove[0]", /^a header's name, or "X-Internal-\*"/],
  [{ request: { remove: ["X*"] } }, ".request.remove[0]", /^a header's name, or "X-Internal-\*"/],
  [
    { request: { set: { "True-Client-IP": "${header.true-client-ip}" } } },
    ".request.set.True-Client-IP",
    /^no \$\{header\.…\}, .*: applications believe this header/,
  ],
  [{ request: { set: { "X-A": "1" }, remove: ["x-a"] } }, ".request.remove[0]", once],
  [{ request: { set: { "X-A": "1" }, default: { "x-a": "2" } } }, ".request.default.x-a", once, 'key "x-a"'],
  [{ request: { add: { "X-A": "1", "x-a": "2" } } }, ".request.add.x-a", "a list of its values", 'key "x-a"'],
  [
    { response: { set: { "Set-Cookie": "a=b" } } },
    ".response.set.Set-Cookie",
    /^add, which leaves/,
    'key "Set-Cookie"',
  ],
  [{ response: { set: { Vary: "Accept" } } }, ".response.set.Vary", /^add: caches/, 'key "Vary"'],
  [
    { response: { set: { Location: "/x" } } },
    ".response.set.Location",
    "a redirect in rules of the route",
    'key "Location"',
  ],
  [
    { response: { add: { "Strict-Transport-Security": "max-age=1" } } },
    ".response.add.Strict-Transport-Security",
    "https: { hsts: … } of the route",
    'key "Strict-Transport-Security"',
  ],
  [
    { response: { set: { "Access-Control-Allow-Origin": "${header.origin}" } } },
    ".response.set.Access-Control-Allow-Origin",
    /^cors of the route/,
  ],
  [
    { response: { set: { "X-A": { value: "1", statuses: [99] } } } },
    ".response.set.X-A.statuses[0]",
    /^a status or a range/,
  ],
]);

test.each([
  [
    { cors: { origins: ["*"] } },
    { set: { "Access-Control-Max-Age": "1" } },
    "set.Access-Control-Max-Age",
    "cors",
  ],
  [{ cors: { origins: ["*"] } }, { remove: ["Vary"] }, "remove[0]", "cors"],
  [
    { https: { hsts: true } },
    { remove: ["Strict-Transport-Security"] },
    "remove[0]",
    "https.hsts of the route",
  ],
])("beside %j a route cannot have %j", (option, response, path, by) => {
  const issues = issuesOf({
    ...leastConfig(),
    routes: [{ upstream: "shop", ...option, headers: { response } }],
  });
  expect(issues).toMatchObject([
    { path: `routes[0].headers.response.${path}`, expected: expect.stringContaining(`nothing beside ${by}`) },
  ]);
});

test("every kind of a header has examples that it accepts: editors and random configs show them", () => {
  for (const kind of [requestHeaders, answerHeaders])
    expect(kind.safeParse({ "X-A": "1" }).success).toBe(true);
  const examples = removedName.meta()?.["examples"];
  for (const example of examples as string[]) expect(removedName.safeParse(example).success).toBe(true);
});

test("what cors and https.hsts write, an upstream's headers give way to", () => {
  const both = { cors: true, hsts: true };
  expect(writtenBy("Access-Control-Allow-Origin", false, both)).toBe("cors of the route");
  expect(writtenBy("Vary", true, both)).toBe("cors of the route");
  expect(writtenBy("Vary", false, both)).toBeUndefined();
  expect(writtenBy("Strict-Transport-Security", true, both)).toBe("https.hsts of the route");
  expect(writtenBy("Strict-Transport-Security", true, { cors: true, hsts: false })).toBeUndefined();
});
