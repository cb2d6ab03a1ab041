/** `cors` of a route: origins in the form in which browsers send them, and what never works. */
import { expect, test } from "vitest";

import { corsOrigin } from "../../../../../worker/config/kinds/cors-origin.ts";
import { cors as section } from "../../../../../worker/config/sections/cors.ts";
import { leastConfig } from "../example-config.ts";
import { accepted, accepts, allows, inRoute, refuses } from "../tables.ts";

const cors = inRoute(section);
const usual = {
  methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
  headers: "any",
  exposed: [],
  credentials: false,
  maxAgeSeconds: 3_600,
};

accepts(cors, [
  [{ origins: ["*"] }, { ...usual, origins: "any" }],
  [
    {
      origins: [
        "HTTPS://App.Example.com:443",
        "https://bücher.example",
        "http://*.dev.test:3000",
        "capacitor://localhost",
      ],
      methods: ["GET"],
      headers: ["X-A"],
      exposeHeaders: ["X-Total"],
      credentials: true,
      maxAge: "90s",
    },
    {
      origins: {
        exact: new Set(["https://app.example.com", "https://xn--bcher-kva.example", "capacitor://localhost"]),
        below: [{ is: "below", scheme: "http://", suffix: ".dev.test:3000" }],
      },
      methods: ["GET"],
      headers: ["X-A"],
      exposed: ["X-Total"],
      credentials: true,
      maxAgeSeconds: 90,
    },
  ],
  [
    { origins: ["*"], methods: ["*"], headers: [] },
    { ...usual, origins: "any", methods: "any", headers: [] },
  ],
]);
allows(cors, [{ origins: ["http://localhost:3000", "http://[::1]:8080"] }]);

const origin = /^an origin as browsers send it, without a path/;
refuses(cors, [
  [{}, ".origins", "a list of 1 to 100 origins"],
  [{ origins: [] }, ".origins", "a list of 1 to 100 origins"],
  ...["https://a.test/", "a.test", "null", "https://*", "https://a.*.test", "https://a.test:99999"].map(
    (text) => [{ origins: [text] }, ".origins[0]", origin] as const,
  ),
  [{ origins: ["*"], credentials: true }, ".credentials", /^false beside "\*"/],
  [{ origins: ["*", "https://a.test"] }, ".origins", '"*" alone, or sites without it'],
  [{ origins: ["*"], methods: ["get"] }, ".methods[0]", /^a method in capitals/],
  [{ origins: ["*"], headers: ["a b"] }, ".headers[0]", /^a header's name/],
]);

test("scripts may use the methods that the route serves, if nothing else is said", () => {
  const routes = [{ upstream: "shop", methods: ["GET", "OPTIONS"], cors: { origins: ["*"] } }];
  expect(accepted({ ...leastConfig(), routes }).routes[0]?.cors?.methods).toEqual(["GET", "HEAD"]);
});

test("an origin's examples are origins", () => {
  const examples = corsOrigin.meta()?.["examples"];
  for (const example of examples as string[]) expect(corsOrigin.safeParse(example).success).toBe(true);
});
