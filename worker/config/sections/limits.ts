/** `limits`: how large the head of a request may be, how slow its body, and how much one client may have at a time. */
import { duration, size } from "../kinds/fields.ts";
import { option, section, type ValuesOf } from "../section.ts";
import { clientLimits } from "./client-limits.ts";

const upload = section("WeirUploadLimits", {
  /** The longest pause in a request's body, and how far behind `leastRate` a client may fall; then it gets `408`, and its slot is free. What a client sends faster makes up for what it owes, and saves nothing for later. */
  idle: option(duration("1s", "10m"), "30s"),
  /** The least rate of a request's body, in a second. `"0B"`: any, for clients that send a little now and then over one long request. */
  leastRate: option(size("0B", "1MB"), "500B"),
});

export const limits = section("WeirLimits", {
  /** The longest path and query; beyond it, `414`. */
  target: option(size("64B", "64KiB"), "16KiB"),
  /** A request's headers, names and values together; beyond it, `431`. */
  headers: option(size("1KiB", "128KiB"), "64KiB"),
  /** How slow clients may be to send a body. */
  upload: option(upload, {}),
  /** How much of an upstream one client may have at a time. */
  client: option(clientLimits, {}),
});

export function compileLimits({ target, headers, upload, client }: ValuesOf<typeof limits>) {
  return {
    targetBytes: target,
    headersBytes: headers,
    upload: { idleMs: upload.idle, leastBytesPerSecond: upload.leastRate },
    client,
  };
}
