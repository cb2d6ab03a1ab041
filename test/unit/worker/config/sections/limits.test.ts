/** `limits` on the head of a request, and on how slow its body may be. */
import { limits as section } from "../../../../../worker/config/sections/limits.ts";
import { accepts, duration, inRoot, refusesValues, size, whole } from "../tables.ts";

const limits = inRoot(section);

const usual = {
  targetBytes: 16_384,
  headersBytes: 65_536,
  upload: { idleMs: 30_000, leastBytesPerSecond: 500 },
  download: { idleMs: 30_000, leastBytesPerSecond: 500, isChunkedWatched: false },
  client: { key: { from: "address" } },
  objects: 8,
};

accepts(limits, [
  [{}, usual],
  [{ target: "64B" }, { ...usual, targetBytes: 64 }],
  [{ headers: "128KiB" }, { ...usual, headersBytes: 131_072 }],
  [
    { upload: { idle: "5m", leastRate: "0B" } },
    { ...usual, upload: { idleMs: 300_000, leastBytesPerSecond: 0 } },
  ],
  [
    { download: { idle: "2m", leastRate: "1KB", chunked: true } },
    { ...usual, download: { idleMs: 120_000, leastBytesPerSecond: 1_000, isChunkedWatched: true } },
  ],
  [{ download: false }, { ...usual, download: undefined }],
  [{ objects: 1 }, { ...usual, objects: 1 }],
]);

refusesValues(limits, [
  [".objects", 0, whole(1, 256)],
  [".target", 8192, size("64B", "64KiB")],
  [".target", "65KiB", size("64B", "64KiB")],
  [".headers", "1B", size("1KiB", "128KiB")],
  [".upload.idle", "500ms", duration("1s", "10m")],
  [".upload.leastRate", "2MB", size("0B", "1MB")],
  [".download.idle", "0s", duration("1s", "1h")],
]);
