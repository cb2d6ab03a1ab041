/** What the runtime says again and again is written once a minute, and counted: nothing is lost but the times. */
import { describe, expect, test } from "vitest";

import { RepeatedLines } from "../../../cli/local/repeated-lines.ts";

const minute = 60_000;

describe("a line of the runtime's", () => {
  test("is written at once when it is new, and not again within a minute", () => {
    const lines = new RepeatedLines();
    expect(lines.addLine("a", 0)).toEqual([{ text: "a" }]);
    expect(lines.addLine("b", 1)).toEqual([{ text: "b" }]);
    for (let ms = 2; ms < 1_000; ms++) expect(lines.addLine(ms % 2 === 0 ? "a" : "b", ms)).toEqual([]);
    expect(lines.addLine("a", minute)).toEqual([{ text: "a", repeated: 499 }]);
    expect(lines.addLine("a", 2 * minute)).toEqual([{ text: "a" }]);
  });

  test("that is not heard again is counted when the log is closed", () => {
    const lines = new RepeatedLines();
    for (const ms of [0, 1, 2]) lines.addLine("a", ms);
    lines.addLine("b", 3);
    expect(lines.rest()).toEqual([{ text: "a", repeated: 2 }]);
    expect(lines.rest()).toEqual([]);
  });

  test("is counted, too, when it has to make room for others: no more than 64 are remembered", () => {
    const lines = new RepeatedLines();
    lines.addLine("first", 0);
    lines.addLine("first", 1);
    const written = Array.from({ length: 64 }, (_, nth) => lines.addLine(`line ${nth}`, 2)).flat();
    expect(written.filter(({ text }) => text === "first")).toEqual([{ text: "first", repeated: 1 }]);
    expect(written).toHaveLength(65);
    expect(lines.addLine("first", 3)).toEqual([{ text: "first" }]);
  });

  test("is written when the clock was set back", () => {
    const lines = new RepeatedLines();
    lines.addLine("a", 10 * minute);
    expect(lines.addLine("a", 0)).toEqual([{ text: "a" }]);
  });
});
