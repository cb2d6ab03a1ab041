/** `limits` on the head of a request. */
import { limits as section } from "../../../../../worker/config/sections/limits.ts";
import { accepts, inRoot, refusesValues, size } from "../tables.ts";

const limits = inRoot(section);

accepts(limits, [
  [{}, { targetBytes: 16_384, headersBytes: 65_536 }],
  [{ target: "64B" }, { targetBytes: 64, headersBytes: 65_536 }],
  [{ headers: "128KiB" }, { targetBytes: 16_384, headersBytes: 131_072 }],
]);

refusesValues(limits, [
  [".target", 8192, size("64B", "64KiB")],
  [".target", "65KiB", size("64B", "64KiB")],
  [".headers", "1B", size("1KiB", "128KiB")],
]);
