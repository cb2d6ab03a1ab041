/** Bytes in a second as people write them: a size, and `/s`: `"200KB/s"`, `"1MiB/s"`. */
import { text } from "./fields.ts";
import { parseSize } from "./size.ts";

const [leastBytes, mostBytes] = [1e3, 10e9];

function parseByteRate(written: string): number | undefined {
  const bytes = written.endsWith("/s") ? parseSize(written.slice(0, -2)) : undefined;
  return bytes !== undefined && leastBytes <= bytes && bytes <= mostBytes ? bytes : undefined;
}

export const byteRate = text(
  'bytes in a second such as "1MiB/s" (units: B, KB, MB, GB, KiB, MiB, GiB), from 1KB/s to 10GB/s',
  parseByteRate,
).meta({
  bounds: "1 KB/s – 10 GB/s",
  examples: ["200KB/s", "1MiB/s"],
  pattern: String.raw`^\d{1,12}([KMG]i?)?B/s$`,
});
