/** What `autoscale` may say, and what is made of it. */
import { describe, expect, test } from "vitest";

import type { WeirAutoscale } from "../../../../worker/config/weir-config.ts";
import { upstreamOf } from "./acceptance.ts";
import { withUpstream } from "./example-config.ts";
import { refuses, shop } from "./refusals.ts";

const home = { name: "home", origins: [{ name: "a", url: "https://a.example.com", maxConns: 8 }] };
const cloud = { name: "cloud", origins: [{ name: "b", url: "https://b.example.com" }] };
const secret = "s".repeat(32);
const least: WeirAutoscale = { slots: 8, max: 20, webhook: { url: "https://scale.example.com/", secret } };

const withAutoscale = (parts: object) =>
  withUpstream({ pools: [home, cloud], autoscale: { ...least, ...parts } });
const at = `${shop}.autoscale`;

test("needs the size of an instance, a bound and a webhook, and has defaults for the rest", () => {
  expect(upstreamOf(withAutoscale({})).autoscale).toEqual({
    pool: "cloud",
    slots: 8,
    startsInMs: 45_000,
    min: 0,
    max: 20,
    webhook: { url: "https://scale.example.com/", secret },
  });
});

test.each(["http://127.0.0.1:9000/hook", "http://[fd00::1]/", "http://10.1.2.3/", "http://scaler.internal/"])(
  "takes plain http on a private network: %s",
  (url) => {
    expect(upstreamOf(withAutoscale({ webhook: { url, secret } })).autoscale?.webhook.url).toBe(url);
  },
);

describe("what could not work is refused", () => {
  const url = "an https: URL, or http: on a private network";
  refuses(
    "webhooks on a public network in the clear",
    (url: unknown) => withAutoscale({ webhook: { url, secret } }),
    at,
    [
      ["http://scale.example.com/", ".webhook.url", '"http://scale.example.com/"', url],
      ["http://203.0.113.7/", ".webhook.url", '"http://203.0.113.7/"', url],
      ["http://[2001:db8::1]/", ".webhook.url", '"http://[2001:db8::1]/"', url],
      ["ftp://scale.example.com/", ".webhook.url", '"ftp://scale.example.com/"', url],
      ["https://me:hunter2@scale.example.com/", ".webhook.url", '"https://***@scale.example.com/"', url],
    ],
  );
  const secretExpected = "a secret of 32 to 256 characters, as ${ENV:NAME}";
  refuses(
    "webhooks without a good secret",
    (secret: unknown) => withAutoscale({ webhook: { ...least.webhook, secret } }),
    at,
    [
      [undefined, ".webhook.secret", "nothing", secretExpected],
      ["hunter2", ".webhook.secret", '"***"', secretExpected],
    ],
  );
  refuses("numbers and names", withAutoscale, at, [
    [{ reserve: -1 }, ".reserve", "-1", "a number from 0 to 10"],
    [{ reserve: 11 }, ".reserve", "11", "a number from 0 to 10"],
    [{ pool: "home" }, ".pool", '"home"', 'the name of a pool after home: "cloud"'],
    [{ pool: "moon" }, ".pool", '"moon"', 'the name of a pool after home: "cloud"'],
    [{ min: 21 }, ".min", "21", "at most autoscale.max"],
    [{ min: -1 }, ".min", "-1", "a whole number from 0 to 1000"],
    [{ max: 0 }, ".max", "0", "a whole number from 1 to 1000"],
    [{ slots: 0.5 }, ".slots", "0.5", "a whole number from 1 to 1000000"],
  ]);
  refuses(
    "homes that would carry everything, or nothing to grow",
    (pools: unknown) => withUpstream({ pools, autoscale: least }),
    at,
    [
      [[home], "", "no second pool", "a pool after home that can grow"],
      [
        [{ ...home, origins: [{ name: "a", url: "https://a.example.com" }] }, cloud],
        "",
        "a home without maxConns",
        "maxConns for home's origins: instances are ordered for what home cannot carry",
      ],
    ],
  );
});
