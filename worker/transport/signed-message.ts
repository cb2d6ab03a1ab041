/**
 * A message that two parties with a shared secret sign: HMAC-SHA256 over a timestamp (seconds since 1970), a dot, and a text; the
 * scheme of Stripe's webhooks. Orders for instances go out under it, whose text is their body, and registrations come in
 * (`registrationText`). The comparison is the platform's, and takes the same time wherever two signatures differ.
 */
export const timestampHeader = "X-Weir-Timestamp";
export const signatureHeader = "X-Weir-Signature";

/** Where a registration is sent. */
export interface RegistrationTarget {
  readonly upstream: string;
  readonly pool: string;
}

/**
 * The text that a registration's signature covers: the method, the upstream, the pool and the body, each on a line of its own. So a
 * message for one pool is worth nothing at another that has the same secret. No name has a line break in it.
 */
export function registrationText({ upstream, pool }: RegistrationTarget, body: string): string {
  return `POST\n${upstream}\n${pool}\n${body}`;
}

/** The headers of a message that is sent now (milliseconds since 1970). */
export async function signedHeaders(
  secret: string,
  text: string,
  now: number,
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1_000));
  const key = await importKey(secret, "sign");
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, signedText(timestamp, text)));
  const hex = Array.from(signature, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { [timestampHeader]: timestamp, [signatureHeader]: `sha256=${hex}` };
}

/** What a message says of itself, by its headers. */
export interface Claim {
  readonly timestamp: string;
  readonly signature: Uint8Array;
  /** The timestamp in milliseconds since 1970. */
  readonly saidMs: number;
}

/** The claim of these headers; `undefined` if one is missing or is none. */
export function readClaim(header: (name: string) => string | null | undefined): Claim | undefined {
  const timestamp = header(timestampHeader) ?? "";
  const hex = /^sha256=((?:[0-9a-f]{2}){32})$/i.exec(header(signatureHeader) ?? "")?.[1];
  if (!/^\d{1,11}$/.test(timestamp) || hex === undefined) return undefined;
  const signature = Uint8Array.from({ length: 32 }, (_, at) => parseInt(hex.slice(2 * at, 2 * at + 2), 16));
  return { timestamp, signature, saidMs: Number(timestamp) * 1_000 };
}

/** Whether the claim was signed with the secret, for this text. When, is another question. */
export async function isGenuine(
  { timestamp, signature }: Claim,
  text: string,
  secret: string,
): Promise<boolean> {
  const key = await importKey(secret, "verify");
  return crypto.subtle.verify("HMAC", key, signature, signedText(timestamp, text));
}

/** The oldest message that is believed, and how far the sender's clock may be ahead. */
const [oldestMs, aheadMs] = [60_000, 5_000];

/** Whether the message was signed just now: an old one may be a copy that another party has kept. */
export function isFresh({ saidMs }: Claim, now: number): boolean {
  return now - saidMs <= oldestMs && saidMs - now <= aheadMs;
}

function signedText(timestamp: string, text: string) {
  return new TextEncoder().encode(`${timestamp}.${text}`);
}

function importKey(secret: string, usage: "sign" | "verify") {
  const bytes = new TextEncoder().encode(secret);
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, [usage]);
}
