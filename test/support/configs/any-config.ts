/**
 * Configs at random over all of the schema. A _plausible_ one has every value within its bounds, but its parts may contradict
 * each other, as those of an author who has read about each of them; a _valid_ one is that, reconciled (`reconciled.ts`).
 */
import * as fc from "fast-check";

import { priorities } from "../../../core/model/upstream.ts";
import { targets } from "../../../core/protocol/config-section.ts";
import type { WeirConfig, WeirRoute } from "../../../worker/config/weir-config.ts";
import { anyUpstream, particularKeys } from "./any-upstream.ts";
import { reconciled } from "./reconciled.ts";
import {
  anyDuration,
  anyHost,
  anyName,
  anyNetworks,
  anyOf,
  anyPath,
  switchable,
  wholeNumber,
} from "./values.ts";

/** What a route answers by itself. */
const anyGate = anyOf<Required<Pick<WeirRoute, "methods" | "maxRequestBody" | "https" | "maintenance">>>({
  methods: fc.subarray(["GET", "HEAD", "POST", "PROPFIND", "X-NONE"], { minLength: 1 }),
  maxRequestBody: fc.constantFrom("0B", "10MB", "64KiB", "5GB"),
  https: switchable(
    anyOf({
      port: wholeNumber(1, 65_535),
      hsts: switchable(
        anyOf({
          maxAge: anyDuration(0, 87_600 * 3_600_000),
          includeSubDomains: fc.boolean(),
          preload: fc.boolean(),
        }),
      ),
    }),
  ),
  maintenance: switchable(
    anyOf({
      retryAfter: anyDuration(1_000, 86_400_000),
      page: fc.constantFrom("<h1>Soon</h1>", "<p>{requestId}</p>"),
      allow: anyNetworks,
    }),
  ),
});

/** Few enough that routes meet. */
const anyRouteHost = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.constantFrom("a.example.com", "A.Example.com", "*.example.com", "*.bücher.example"),
  },
  fc.constantFrom("127.0.0.1", "[::1]", "localhost"),
  anyHost,
  anyHost.map((host) => `*.${host}`),
);

/** Half of them answer nothing by themselves: then origins have to. */
const anyRoute = (upstreams: readonly string[]): fc.Arbitrary<WeirRoute> =>
  fc
    .tuple(
      fc.record({ upstream: fc.oneof({ weight: 19, arbitrary: fc.constantFrom(...upstreams) }, anyName) }),
      fc.record(
        {
          host: anyRouteHost,
          prefix: anyPath,
          debug: fc.boolean(),
          ambiguousPaths: fc.constantFrom("keep", "reject"),
          priority: fc.oneof(fc.constantFrom(...priorities), fc.constant({ header: "X-Priority" })),
        },
        { requiredKeys: [] },
      ),
      fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, fc.record({ exact: anyPath })),
      fc.oneof(fc.constant({}), anyGate),
    )
    // A route with both has no clear meaning; one such is enough.
    .map(([required, { prefix, ...rest }, exact, gate]) => ({
      ...rest,
      ...(prefix !== undefined && (!("exact" in exact) || prefix === "/api") && { prefix }),
      ...exact,
      ...gate,
      ...required,
    }));

/** Its parts may contradict each other, and most of them do. */
const looseConfig: fc.Arbitrary<WeirConfig> = fc
  .dictionary(anyName, anyUpstream, { minKeys: 1, maxKeys: 3, noNullPrototype: true })
  .chain((upstreams) =>
    fc.record(
      {
        target: fc.constantFrom(...targets),
        admin: anyOf({ hosts: fc.array(anyHost, { maxLength: 3 }) }),
        forwarding: anyOf({
          trusted: anyNetworks,
          read: fc.constantFrom("x-forwarded", "forwarded"),
          forwarded: fc.boolean(),
          via: fc.constantFrom("weir", "weir.example.com:8080"),
        }),
        limits: anyOf({
          target: fc.constantFrom("64B", "64KiB", "16KB"),
          headers: fc.constantFrom("1KiB", "100KB", "128KiB"),
        }),
        upstreams: fc.constant(upstreams),
        routes: fc.array(anyRoute(Object.keys(upstreams)), { minLength: 1, maxLength: 5 }),
      },
      { requiredKeys: ["upstreams", "routes"] },
    ),
  );

/**
 * One of its upstreams, or its routes, may contradict itself or another. Of that upstream little is left: where there is much, there
 * is always something that is refused, and what is not refused would not be seen.
 */
export const plausibleConfig: fc.Arbitrary<WeirConfig> = looseConfig.chain((config) => {
  const parts = Object.entries(config.upstreams).map(([name, upstream]) =>
    fc
      .tuple(fc.subarray(Object.keys(upstream), { maxLength: 3 }), fc.boolean())
      .map(([keys, areParticular]) => {
        const kept = new Set<string>(areParticular ? [...keys, ...particularKeys] : keys);
        const left = Object.entries(upstream).filter(([key]) => kept.has(key));
        const upstreams = {
          ...config.upstreams,
          [name]: { pools: upstream.pools, ...Object.fromEntries(left) },
        };
        return reconciled({ ...config, upstreams }, { upstream: name });
      }),
  );
  return fc.oneof(fc.constant(reconciled(config, "routes")), ...parts);
});

/** Without references to the environment. */
export const validConfig: fc.Arbitrary<WeirConfig> = looseConfig.map((config) => reconciled(config));
