/** Sizes, of which the units are of 1000 or of 1024. */
import { describe, expect, test } from "vitest";
import { parseSize } from "../../../../../worker/config/kinds/size.ts";

describe("a size", () => {
  test.each([
    ["0B", 0],
    ["10KB", 10_000],
    ["10KiB", 10_240],
    ["5MB", 5_000_000],
    ["1GiB", 1_073_741_824],
  ])("%s is %i bytes", (written, bytes) => {
    expect(parseSize(written)).toBe(bytes);
  });

  test.each(["", "10", "10 MB", "10mb", "10M", "1.5MB", "-1B", "10iB", "B"])("%j is none", (written) => {
    expect(parseSize(written)).toBeUndefined();
  });
});
