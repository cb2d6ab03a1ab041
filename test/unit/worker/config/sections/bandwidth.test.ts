/** `bandwidth` of a route: a rate in bytes, which says so. */
import { expect, test } from "vitest";

import { byteRate } from "../../../../../worker/config/kinds/byte-rate.ts";
import { bandwidth as section } from "../../../../../worker/config/sections/bandwidth.ts";
import { accepts, inRoute, refuses, size, unknownKey } from "../tables.ts";

const bandwidth = inRoute(section);
const rateExpected =
  'bytes in a second such as "1MiB/s" (units: B, KB, MB, GB, KiB, MiB, GiB), from 1KB/s to 10GB/s';

accepts(bandwidth, [
  [undefined, undefined],
  [{ rate: "1KB/s" }, { bytesPerSecond: 1_000, afterBytes: 0 }],
  [{ rate: "10GB/s" }, { bytesPerSecond: 10_000_000_000, afterBytes: 0 }],
  [
    { rate: "1MiB/s", after: "512KiB" },
    { bytesPerSecond: 1_048_576, afterBytes: 524_288 },
  ],
]);

refuses(bandwidth, [
  [{}, ".rate", rateExpected, "nothing"],
  [{ rate: "1MiB" }, ".rate", rateExpected],
  [{ rate: "999B/s" }, ".rate", rateExpected],
  [{ rate: "10001MB/s" }, ".rate", rateExpected],
  [{ rate: "10/s" }, ".rate", rateExpected],
  [{ rate: 1_000 }, ".rate", rateExpected],
  [{ rate: "1MB/s", after: "6GB" }, ".after", size("0B", "5GB")],
  [{ rate: "1MB/s", burst: "1MB" }, ".burst", unknownKey(), 'unknown key "burst"'],
]);

test("a rate is bytes in a second, in the units of a size", () => {
  expect(["200KB/s", "1000B/s", "2MiB/s"].map((written) => byteRate.parse(written))).toEqual([
    200_000, 1_000, 2_097_152,
  ]);
});
