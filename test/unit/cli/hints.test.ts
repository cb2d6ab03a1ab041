/** What `weir check` proposes for a valid config. */
import { describe, expect, test } from "vitest";

import { configHints } from "../../../cli/check/hints.ts";
import { parseConfig } from "../../../worker/config/parse/parse.ts";

function hints(homes: readonly (readonly object[])[], root: object = {}, home: object = {}): string[] {
  const upstreams = homes.map((origins, index) => [
    `site-${index}`,
    {
      pools: [
        {
          name: "home",
          origins: origins.map((origin, nth) => ({
            name: `o${nth}`,
            url: `http://10.0.${index}.${nth}`,
            ...origin,
          })),
          ...home,
        },
      ],
    },
  ]);
  const routes = homes.map((_, index) => ({ host: `${index}.test`, upstream: `site-${index}` }));
  const parsed = parseConfig(
    { target: "workerd", upstreams: Object.fromEntries(upstreams), routes, ...root },
    () => undefined,
  );
  return parsed.ok ? configHints(parsed.config) : expect.unreachable(JSON.stringify(parsed.issues));
}

const two = [{ maxConns: 16 }, { maxConns: 24 }];

describe("limits.client is proposed where maxConns is set", () => {
  test("with a quarter of the smallest home pool", () => {
    const [hint, ...others] = hints([[{ maxConns: 100 }], two]);
    expect(hint).toContain("all 40 slots of site-1");
    expect(hint).toContain("limits: { client: { slots: 10, queue: 10, uploads: 10 } }");
    expect(others).toEqual([]);
  });

  test.each([
    [5, "slots: 4"],
    [16, "slots: 4"],
    [20, "slots: 5"],
  ])("of %i slots with %s, and never with less than four", (maxConns, words) => {
    expect(hints([[{ maxConns }]])[0]).toContain(words);
  });

  test.each<[string, string[]]>([
    ["where it is set", hints([two], { limits: { client: { uploads: 3 } } })],
    ["where an origin has no limit", hints([[{ maxConns: 16 }, {}]])],
    ["where the limit is found out", hints([two], {}, { capacity: "auto" })],
    ["where it would keep nothing for others", hints([[{ maxConns: 4 }]])],
  ])("but not %s", (_, none) => {
    expect(none).toEqual([]);
  });
});
