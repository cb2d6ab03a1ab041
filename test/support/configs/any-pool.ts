/** Pools at random, whether what is in them goes together or not: see `any-config.ts`. */
import * as fc from "fast-check";

import { whenUsedUps } from "../../../core/model/upstream.ts";
import type { WeirOrigin, WeirPool } from "../../../worker/config/weir-config.ts";
import {
  anyDuration,
  anyHost,
  anyName,
  anyOf,
  anyPath,
  anySecret,
  fraction,
  secretMark,
  textOf,
  wholeNumber,
} from "./values.ts";

/** The ways to an origin: each has Hosts and tokens that it can carry, and others that it cannot. */
const anyVia = fc.constantFrom<NonNullable<WeirOrigin["via"]>>(
  "fetch",
  { binding: "VPC" },
  { binding: "VPC", kind: "vpc-network" },
  { binding: "VPC", kind: "vpc-service" },
  { binding: "OTHER", kind: "worker" },
  { binding: "CERT", kind: "mtls" },
);

const anyWay: fc.Arbitrary<Pick<WeirOrigin, "via" | "connection" | "host" | "access">> = fc.record(
  {
    via: anyVia,
    connection: fc.constantFrom("auto", "each", "reuse"),
    host: fc.constantFrom("origin", "preserve", "shop.example.com:8080"),
    access: fc.record({
      id: textOf("aZ0-_").map((id) => `${id}.access`),
      secret: textOf("aZ0-_").map((rest) => secretMark + rest),
    }),
  },
  { requiredKeys: ["via"] },
);

/** Usually public ones: others are not reached from the edge. */
const anyOriginHost = fc.oneof(
  { weight: 8, arbitrary: anyHost },
  fc.constantFrom("localhost", "127.0.0.1:8080", "[::1]:81", "shop.internal", "10.1.2.3", "shop"),
);
const anyScheme = fc.constantFrom("http", "https");
const anyUrl = fc
  .tuple(anyScheme, anyOriginHost, anyPath)
  .map(([scheme, host, path]) => `${scheme}://${host}${path}`);

const anyOrigin: fc.Arbitrary<WeirOrigin> = fc
  .tuple(
    fc.record(
      {
        name: anyName,
        url: anyUrl,
        weight: fc.oneof({ weight: 5, arbitrary: wholeNumber(1, 1_000) }, fc.constant(0)),
        maxConns: wholeNumber(1, 1_000_000),
        backup: fc.boolean(),
      },
      { requiredKeys: ["name", "url"] },
    ),
    fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, anyWay),
  )
  .map(([origin, way]) => ({ ...origin, ...way }));

const amount = fraction(0, 1e9);

const anyPattern = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom("", "*."), anyHost).map((parts) => parts.join("")) },
  fc.constantFrom("10.0.0.0/8", "127.0.0.1", "[2001:db8::]/32"),
);
const anyRegister = fc.record(
  {
    secret: anySecret,
    urls: fc.array(
      fc
        .tuple(anyScheme, anyPattern, fc.constantFrom("", ":*", ":1-9"))
        .map(([scheme, host, ports]) => `${scheme}://${host}${ports}`),
      { minLength: 1, maxLength: 3 },
    ),
    every: anyDuration(1_000, 300_000),
    max: wholeNumber(1, 1_000),
    maxConns: wholeNumber(1, 1_000_000),
  },
  { requiredKeys: ["secret", "urls"] },
);

/** Money and limits, as they belong to a later pool; and now and then what belongs to home only, or to neither. */
const anyTerms = anyOf<Required<Pick<WeirPool, "cost" | "budget" | "price">>>({
  price: anyDuration(0, 60_000),
  cost: anyOf({ perRequest: amount, perGb: amount }),
  budget: anyOf({
    requestsPerHour: wholeNumber(0, 1_000_000_000),
    moneyPerDay: amount,
    whenUsedUp: fc.constantFrom(...whenUsedUps),
  }),
});

const anyOrigins = (minLength: number) => fc.array(anyOrigin, { minLength, maxLength: 4 });
const anyServers: fc.Arbitrary<Pick<WeirPool, "origins" | "register">> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ origins: anyOrigins(1) }) },
  { weight: 1, arbitrary: fc.record({ origins: anyOrigins(0), register: anyRegister }) },
);

const anyPoolWith = (terms: fc.Arbitrary<Partial<WeirPool>>): fc.Arbitrary<WeirPool> =>
  fc.tuple(anyName, anyServers, terms).map(([name, servers, rest]) => ({ name, ...servers, ...rest }));

const auto = fc.constant({ capacity: "auto" as const });
const home = anyPoolWith(
  fc.oneof({ weight: 6, arbitrary: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, auto) }, anyTerms),
);
const later = anyPoolWith(fc.oneof({ weight: 8, arbitrary: anyTerms }, auto));

/** Home, and up to two more. */
export const anyPools: fc.Arbitrary<WeirPool[]> = fc
  .tuple(home, fc.array(later, { maxLength: 2 }))
  .map(([first, rest]) => [first, ...rest]);
