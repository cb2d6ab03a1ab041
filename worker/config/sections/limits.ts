/** `limits`: how large the head of a request may be. */
import { size } from "../kinds/fields.ts";
import { option, section, type ValuesOf } from "../section.ts";

export const limits = section("WeirLimits", {
  /** The longest path and query; beyond it, `414`. */
  target: option(size("64B", "64KiB"), "16KiB"),
  /** A request's headers, names and values together; beyond it, `431`. */
  headers: option(size("1KiB", "128KiB"), "64KiB"),
});

export function compileLimits({ target, headers }: ValuesOf<typeof limits>) {
  return { targetBytes: target, headersBytes: headers };
}
