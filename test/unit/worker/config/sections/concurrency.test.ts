/** `concurrency` of a route: what the limits come to, and what is refused. */
import { expect, test } from "vitest";

import { concurrencyLimit } from "../../../../../worker/config/sections/concurrency.ts";
import { accepts, inRoute, refuses, refusesValues, whole, type Scope } from "../tables.ts";

const list = inRoute("concurrency");
const one: Scope = {
  make: (part) => list.make([part]),
  base: `${list.base}[0]`,
  compiled: (config) => config.routes[0]?.concurrency?.[0],
};
const usual = { dryRun: false, status: 429, onFailure: "allow" };

test("is a list of such limits", () => {
  expect(concurrencyLimit.about).toMatchObject({ name: "WeirConcurrencyLimit" });
});

accepts(list, [[[], undefined]]);
accepts(one, [
  [{ most: 5 }, { ...usual, name: "*/*#open-0", key: [{ from: "address" }], most: 5 }],
  [
    {
      name: "downloads",
      key: "route",
      most: 100,
      status: 503,
      when: { methods: ["GET"] },
      onFailure: "refuse",
    },
    {
      ...usual,
      name: "downloads",
      key: [],
      most: 100,
      status: 503,
      when: { methods: ["GET"] },
      onFailure: "refuse",
    },
  ],
]);
refuses(one, [[{}, ".most", whole(1, 1e6), "nothing"]]);
refusesValues({ ...one, make: (part) => one.make({ most: 1, ...Object(part) }) }, [
  [".most", 0, whole(1, 1e6)],
]);
