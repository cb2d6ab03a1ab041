/** What a client, an origin or a trusted proxy sends costs in proportion to its length, in whatever shape it comes. */
import { expect, test } from "vitest";

import { runs } from "../../../support/runs.ts";
import { growth, times } from "./linear/growth.ts";
import { ofAnswers } from "./linear/answer-parsers.ts";
import { ofHeaders } from "./linear/header-parsers.ts";
import { ofRequests } from "./linear/request-parsers.ts";
import { textOf } from "./linear/shapes.ts";

/**
 * Half of what is quadratic, which is 32. Linear is 1, and up to 14 where what is made of a long text outlives a collection of
 * garbage. A quadratic part that stays below the bound costs less than the rest, at the longest text that there is; `npm test` takes
 * a quarter of that, where such a part has to be four times as large to be found.
 */
const bound = 16;
const headerChars = runs(16_384, 65_536);

test.each([...ofRequests, ...ofHeaders, ...ofAnswers])(
  "$of.0",
  async ({ shapes, reads, chars = headerChars }) => {
    const slow: string[] = [];
    for (const shape of shapes) {
      const [short, long] = [reads(textOf(shape, chars / times)), reads(textOf(shape, chars))];
      const grown = await growth(short, long, bound);
      if (grown > bound) slow.push(`${JSON.stringify(shape)}: ${grown.toFixed(1)}`);
    }
    expect(slow).toEqual([]);
  },
);

test("what is quadratic is found", async () => {
  const backtracks = (text: string) => () => /[ \t]+$/.test(text);
  const spaces = (count: number) => `${" ".repeat(count)}x`;
  const [short, long] = [backtracks(spaces(4_096 / times)), backtracks(spaces(4_096))];
  expect(await growth(short, long, bound)).toBeGreaterThan(bound);
});
