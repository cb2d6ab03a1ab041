/** `limits`: how large the head of a request may be, how slow its body and the answer's, and how much one client may have at a time. */
import { duration, flag, integer, size } from "../kinds/fields.ts";
import { option, section, switchable, type ValuesOf } from "../section.ts";
import { clientLimits } from "./client-limits.ts";

const upload = section("WeirUploadLimits", {
  /** The longest pause in a request's body, and how far behind `leastRate` a client may fall; then it gets `408`, and its slot is free. What a client sends faster makes up for what it owes, and saves nothing for later. */
  idle: option(duration("1s", "10m"), "30s"),
  /** The least rate of a request's body, in a second. `"0B"`: any, for clients that send a little now and then over one long request. */
  leastRate: option(size("0B", "1MB"), "500B"),
});

const downloadSection = section("WeirDownloadLimits", {
  /** The longest time in which a client takes nothing of an answer that keeps a slot, and how far behind `leastRate` it may fall; then its answer is cut, and the slot is free. */
  idle: option(duration("1s", "1h"), "30s"),
  /** The least rate at which a client takes an answer, in a second. `"0B"`: any. */
  leastRate: option(size("0B", "1MB"), "500B"),
  /** Whether answers without a length are watched, too. Their bytes then go through JavaScript, which costs CPU time. */
  chunked: option(flag(), false),
});

export const limits = section("WeirLimits", {
  /** The longest path and query; beyond it, `414`. */
  target: option(size("64B", "64KiB"), "16KiB"),
  /** A request's headers, names and values together; beyond it, `431`. */
  headers: option(size("1KiB", "128KiB"), "64KiB"),
  /** How slow clients may be to send a body. */
  upload: option(upload, {}),
  /** How slow clients may be to read an answer that keeps one of the slots of an origin whose `maxConns` is 1,000 or less, which is one larger than `buffer.response`; a smaller one is cut when it takes longer than `idle` and its length at `leastRate`. `false`: as slow as they like, and such answers cost less CPU time. Only on a workerd of your own. */
  download: option(switchable(downloadSection), true),
  /** How much of an upstream one client may have at a time. */
  client: option(clientLimits, {}),
  /** Over how many objects the counts of [`rateLimits`](#ratelimits-requests-in-a-time) are spread; one of them answers some 500 messages a second. With another number all keys begin anew. */
  objects: option(integer(1, 256), 8),
});

export function compileLimits({
  target,
  headers,
  upload,
  download,
  client,
  objects,
}: ValuesOf<typeof limits>) {
  return {
    targetBytes: target,
    headersBytes: headers,
    upload: { idleMs: upload.idle, leastBytesPerSecond: upload.leastRate },
    download: download ? compileDownload(download) : undefined,
    client,
    objects,
  };
}

const compileDownload = ({ idle, leastRate, chunked }: ValuesOf<typeof downloadSection>) => ({
  idleMs: idle,
  leastBytesPerSecond: leastRate,
  isChunkedWatched: chunked,
});
