import { describe, expect, test } from "vitest";
import { parseOptions } from "../../bench/options.ts";

const rungs = ["bare", "floor", "weirStrict"];

describe("the benchmark's options", () => {
  test("default to every rung", () => {
    expect(parseOptions([], rungs)).toMatchObject({ only: rungs, json: false });
  });

  test("measure two bodies, or those that are chosen", () => {
    expect(parseOptions([], rungs)).toMatchObject({ bodies: ["small", "chunked64k"] });
    expect(parseOptions(["--bodies", "sized1m,small"], rungs)).toMatchObject({
      bodies: ["small", "sized1m"],
    });
  });

  test("measure the chosen rungs in the order of the ladder", () => {
    expect(parseOptions(["--only", "weirStrict, bare"], rungs)).toMatchObject({
      only: ["bare", "weirStrict"],
    });
  });

  test.each([
    [["--only", "bare,nginx"], '--only has no rung "nginx"; there are bare, floor, weirStrict.'],
    [
      ["--bodies", "small,huge"],
      '--bodies has no body "huge"; there are small, chunked64k, sized64k, sized1m.',
    ],
    [["--rounds", "0"], '--rounds is "0"; expected a whole number from 1 to 100.'],
    [["--seconds", "1.5"], '--seconds is "1.5"; expected a whole number from 1 to 600.'],
    [["--connections", "many"], '--connections is "many"; expected a whole number from 1 to 10000.'],
  ])("%j is refused: %s", (args, message) => {
    expect(() => parseOptions(args, rungs)).toThrow(message);
  });

  test("that do not exist are named", () => {
    expect(() => parseOptions(["--duration", "3"], rungs)).toThrow("--duration");
  });
});
