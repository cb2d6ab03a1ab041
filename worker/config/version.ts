/**
 * A config's version: the same for the same config however its keys are ordered (canonical JSON in the manner of
 * RFC 8785), another for any other. It is taken from the config as written, where `${ENV:NAME}` is still a name, so
 * that it can be shown and compared without saying anything about a secret.
 */
import { keysOf, toPlain, valueAt } from "./parse/plain.ts";
import type { Plain } from "./parse/plain.ts";

/** The first 16 hexadecimal digits (64 bits) of the SHA-256 of a config as written, before `${ENV:…}` is resolved. */
export async function configHash(raw: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(sorted(toPlain(raw).value)));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The same value, the keys of its objects in the order of their UTF-16 code units. */
function sorted(value: Plain): Plain {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    keysOf(value)
      .toSorted()
      .map((key) => [key, sorted(valueAt(value, key) ?? null)]),
  );
}
