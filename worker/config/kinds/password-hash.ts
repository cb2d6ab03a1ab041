/**
 * Passwords as a config has them: PBKDF2-HMAC-SHA256 (RFC 8018 §5.2), the only slow hash that WebCrypto has, in the PHC string format
 * (`$pbkdf2-sha256$i=100000$SALT$HASH`, base64 without padding). Cloudflare computes at most 100,000 iterations, so no config may ask for more.
 * `weir hash-password` writes them.
 */
import { text } from "./fields.ts";

export interface PasswordHash {
  readonly iterations: number;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly hash: Uint8Array<ArrayBuffer>;
}

export const mostIterations = 100_000;
const leastIterations = 1_000;
const hashBytes = 32;

const expected = "a hash that `npx weir hash-password` has made, as ${ENV:NAME}";
const example = "$pbkdf2-sha256$i=1000$c2FsdCBmb3IgdGVzdHM$f1Rv7ID3ZQ/9vplYy6cqZqUDjLfxTZUdbKRwA9xkWeE";

export const passwordHash = text(expected, parsePasswordHash).meta({ secret: true, examples: [example] });

/** The hash; `undefined` if the text is none, or none that the platform could check. */
export function parsePasswordHash(written: string): PasswordHash | undefined {
  const [, rounds, salt = "", hash = ""] =
    /^\$pbkdf2-sha256\$i=(\d{4,6})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{43})$/.exec(written) ?? [];
  const iterations = Number(rounds);
  if (!(iterations >= leastIterations && iterations <= mostIterations)) return undefined;
  const bytes = { salt: fromBase64(salt), hash: fromBase64(hash) };
  return bytes.salt === undefined || bytes.hash?.length !== hashBytes
    ? undefined
    : { iterations, salt: bytes.salt, hash: bytes.hash };
}

export function formatPasswordHash({ iterations, salt, hash }: PasswordHash): string {
  return `$pbkdf2-sha256$i=${iterations}$${toBase64(salt)}$${toBase64(hash)}`;
}

/** What the password comes to with this salt. @param password its bytes, one at least. */
export async function hashPassword(
  password: Uint8Array<ArrayBuffer>,
  { iterations, salt }: Pick<PasswordHash, "iterations" | "salt">,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const derivation = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(derivation, key, 8 * hashBytes));
}

function fromBase64(written: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(written), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}

const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
