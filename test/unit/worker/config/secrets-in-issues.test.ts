/** Whatever is wrong with a config, and wherever in it: what is said of that has none of its secrets in it. */
import { expect, test } from "vitest";

import { formatIssues } from "../../../../worker/config/parse/issue.ts";
import { parseConfig } from "../../../../worker/config/parse/parse.ts";
import { leastConfig, withUpstream } from "./example-config.ts";

const mark = "mark-of-a-secret";

const origin = (parts: object) => ({
  pools: [{ name: "p", origins: [{ name: "o", url: "https://a.test", ...parts }] }],
});
const pool = (parts: object) => ({ pools: [{ name: "p", origins: [], ...parts }] });

test.each<[string, object]>([
  ["a signing secret that is too short", withUpstream({ loadReports: { secret: mark } })],
  ["… of a pool", withUpstream(pool({ register: { secret: mark, urls: [] } }))],
  ["… of orders", withUpstream({ autoscale: { slots: 1, max: 1, webhook: { url: "x", secret: mark } } })],
  ["a secret where an object belongs", withUpstream({ loadReports: mark })],
  ["… of a pool", withUpstream(pool({ register: mark }))],
  ["… of an origin", withUpstream(origin({ access: mark }))],
  ["… of orders", withUpstream({ autoscale: { slots: 1, max: 1, webhook: mark } })],
  ["a list of secrets", withUpstream({ loadReports: { secret: [mark] } })],
  ["an object of secrets", withUpstream({ loadReports: { secret: { value: mark } } })],
  ["a service token", withUpstream(origin({ access: { id: "", secret: mark, more: mark } }))],
  ["a password in an origin's URL", withUpstream(origin({ url: `https://user:${mark}@a.test` }))],
  ["… that is none", withUpstream(origin({ url: `user:${mark}@a.test` }))],
  ["a query in an origin's URL", withUpstream(origin({ url: `https://a.test/?token=${mark}` }))],
  [
    "a password in a webhook's URL",
    withUpstream({
      autoscale: { slots: 1, max: 1, webhook: { url: `https://u:${mark}@a.test`, secret: mark } },
    }),
  ],
  [
    "a query in a webhook's URL",
    withUpstream({
      autoscale: { slots: 1, max: 1, webhook: { url: `http://a.test/?t=${mark}`, secret: mark } },
    }),
  ],
  ["a query in a probe's path", withUpstream({ health: { path: `/a b?token=${mark}` } })],
  ["a probe's header", withUpstream({ health: { headers: { Authorization: `${mark}\r\n` } } })],
  ["a probe's headers", withUpstream({ health: { headers: mark } })],
  ["all of it in the wrong place", { ...leastConfig(), upstreams: [{ loadReports: { secret: mark } }] }],
  ["a value of the environment", withUpstream({ loadReports: { secret: "${ENV:SECRET}" } })],
  ["… within others", withUpstream(origin({ url: "https://u:${ENV:SECRET}@a.test" }))],
])("%s", (_, config) => {
  const parsed = parseConfig(config, (name) => (name === "SECRET" ? mark : undefined));
  const said = parsed.ok ? expect.unreachable("it is accepted") : formatIssues(parsed.issues);
  expect(said).not.toContain(mark);
});

test("a number for a secret", () => {
  const parsed = parseConfig(withUpstream({ loadReports: { secret: 31_415_926 } }), () => undefined);
  expect(JSON.stringify(parsed)).not.toContain("31415926");
});
