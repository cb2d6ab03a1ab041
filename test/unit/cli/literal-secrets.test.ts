/** Secrets that are written out in a config are warned of, each at its place, and never said. */
import { expect, test } from "vitest";

import { literalSecrets } from "../../../cli/config/literal-secrets.ts";
import weirConfig from "../../../weir.config.ts";

const literal = "literal-secret-0123456789-0123456789-abcdef";

/** A config with this text wherever a secret may stand. */
const configWith = (secret: string) => ({
  upstreams: {
    shop: {
      pools: [
        { name: "home", origins: [{ name: "a", url: "http://10.0.0.1", access: { id: "an-id", secret } }] },
        { name: "cloud", origins: [], register: { secret, urls: ["https://*.example.net"] } },
      ],
      loadReports: { secret },
      health: { headers: { Authorization: `Bearer ${secret}`, "X-Api-Key": secret, Accept: "text/plain" } },
      autoscale: { webhook: { url: `https://scale.example.net/?region=eu&token=${secret}`, secret } },
    },
  },
});

test("each is named with its place and with ${ENV:NAME}, and none of them is repeated", () => {
  const warnings = literalSecrets(configWith(literal));
  expect(warnings.map(({ path }) => path).toSorted()).toEqual([
    "upstreams.shop.autoscale.webhook.secret",
    "upstreams.shop.autoscale.webhook.url",
    "upstreams.shop.health.headers.Authorization",
    "upstreams.shop.health.headers.X-Api-Key",
    "upstreams.shop.loadReports.secret",
    "upstreams.shop.pools[0].origins[0].access.secret",
    "upstreams.shop.pools[1].register.secret",
  ]);
  expect(warnings.every(({ expected }) => expected.includes("${ENV:NAME}"))).toBe(true);
  expect(JSON.stringify(warnings)).not.toContain(literal);
});

test("what comes from the environment, in whole or in part, is none; nor is anything in the project's own config", () => {
  expect(literalSecrets(configWith("${ENV:SECRET}"))).toEqual([]);
  expect(literalSecrets(weirConfig)).toEqual([]);
});

test.each([undefined, null, 1, "text", [], {}, { upstreams: { a: { secret: 1 } } }])(
  "%j is no config, and no fault",
  (raw) => {
    expect(literalSecrets(raw)).toEqual([]);
  },
);
