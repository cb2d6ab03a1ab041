/**
 * The sticky session's cookie: how it is sealed and checked. It contains the whole assignment, so that no table has to be looked up, and
 * only Weir can read it: it is sealed by AES-256-GCM with a key derived from the deployment's secret. Its content is padded
 * to one size, so that origins cannot be told apart by the cookie's length, and the upstream's name is bound in as
 * additional data, so that a cookie of one upstream means nothing to another.
 *
 * IVs are random, which makes one secret good for 2³² cookies (NIST SP 800-38D §8.3). So a cookie is not written
 * with every response, only when its session has moved on noticeably (`filters/sticky.ts`).
 */
import type { Millis, Sticky } from "../../../core/model/upstream.ts";
import type { StickyConfig } from "../../config/sections/sticky.ts";

/** A session and the origin it is bound to. */
export interface Assignment {
  readonly session: string;
  readonly upstream: string;
  readonly origin: string;
  /** Of the origin's pins; a greater one in the origin's state has unbound this session. */
  readonly epoch: number;
  readonly startedMs: Millis;
  /** When it was last written. */
  readonly seenMs: Millis;
  /** It was bound to a later pool, and has been moved home; that happens once. */
  readonly returned?: true;
}

export interface StickyCodec {
  /** The cookie's value: characters that need no quoting, always equally many. */
  seal(assignment: Assignment): Promise<string>;
  /** The assignment; `undefined` for whatever this secret did not seal for this upstream. Never rejects. */
  open(value: string, upstream: string): Promise<Assignment | undefined>;
}

const minSecretLength = 32;
const ivBytes = 12;
/** Room for the longest names and numbers. With IV and tag it divides by 3, so that base64 has but one spelling. */
const contentBytes = 200;
const sealedPattern = /^1\.[\w-]{304}$/;
const dayMs = 86_400_000;

type SealedFields = [
  session: string,
  origin: string,
  epoch: number,
  startedMs: Millis,
  seenMs: Millis,
  /** Absent: no; nor do cookies of earlier versions have it. */
  returned?: 1,
];

/**
 * A codec for the secret. Throws a RangeError for a secret of less than 32 characters: HKDF (RFC 5869) spreads the
 * entropy that is there, and adds none.
 */
export async function createStickyCodec(secret: string): Promise<StickyCodec> {
  if (secret.length < minSecretLength) {
    throw new RangeError(
      `the sticky secret has ${secret.length} characters; expected at least ${minSecretLength}`,
    );
  }
  const material = await crypto.subtle.importKey("raw", utf8(secret), "HKDF", false, ["deriveKey"]);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8("weir sticky v1") };
  const cipher = { name: "AES-GCM", length: 256 };
  const key = await crypto.subtle.deriveKey(derivation, material, cipher, false, ["encrypt", "decrypt"]);
  return {
    seal: (assignment) => seal(key, assignment),
    open: (value, upstream) => open(key, value, upstream),
  };
}

async function seal(key: CryptoKey, assignment: Assignment): Promise<string> {
  const { session, upstream, origin, epoch, startedMs, seenMs, returned } = assignment;
  const content = new Uint8Array(contentBytes).fill(0x20);
  const fields: SealedFields = [session, origin, epoch, startedMs, seenMs];
  if (returned === true) fields.push(1);
  const text = JSON.stringify(fields);
  if (new TextEncoder().encodeInto(text, content).read < text.length) {
    throw new RangeError(
      `an assignment of ${text.length} characters; expected at most ${contentBytes} bytes`,
    );
  }
  const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
  const algorithm = { name: "AES-GCM", iv, additionalData: utf8(upstream) };
  const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, key, content));
  const base64 = btoa(String.fromCharCode(...iv, ...sealed));
  return `1.${base64.replaceAll("+", "-").replaceAll("/", "_")}`;
}

async function open(key: CryptoKey, value: string, upstream: string): Promise<Assignment | undefined> {
  if (!sealedPattern.test(value)) return undefined;
  const base64 = value.slice(2).replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const algorithm = { name: "AES-GCM", iv: bytes.subarray(0, ivBytes), additionalData: utf8(upstream) };
  try {
    const content = await crypto.subtle.decrypt(algorithm, key, bytes.subarray(ivBytes));
    // Authentic, so it is what `seal` wrote; another shape would come with another version.
    const fields: SealedFields = JSON.parse(new TextDecoder().decode(content));
    const [session, origin, epoch, startedMs, seenMs, returned] = fields;
    return { session, upstream, origin, epoch, startedMs, seenMs, ...(returned === 1 && { returned: true }) };
  } catch {
    return undefined;
  }
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text));
}

/**
 * Whether the session goes on: not past its lifetime, nor idle for too long, nor dated more than a day into the
 * future, which no clock's skew explains (HAProxy judges likewise).
 */
export function isCurrent(
  { startedMs, seenMs }: Assignment,
  { ttlMs, idleMs }: Sticky,
  now: Millis,
): boolean {
  return now - startedMs < ttlMs && now - seenMs < idleMs && Math.max(startedMs, seenMs) <= now + dayMs;
}

/** The values of the cookies of exactly this name in a Cookie header (RFC 6265 §4.2.1), in their order. */
export function readCookies(header: string, name: string): string[] {
  const pairs = splitCookies(header, name).filter((pair) => pairName(pair) === name);
  return pairs.map((pair) => pair.slice(pair.indexOf("=") + 1).trim());
}

/** The Cookie header without the cookies of this name, the others byte for byte; `null` if none is left. */
export function withoutCookie(header: string, name: string): string | null {
  const pairs = splitCookies(header, name);
  const others = pairs.filter((pair) => pairName(pair) !== name);
  if (others.length === pairs.length) return header;
  const rest = others.join(";").trimStart();
  return rest === "" ? null : rest;
}

/**
 * The header's pairs. Where a client sent several Cookie fields, workerd joins them by commas, which may also stand
 * in an application's values; only those beside a cookie of this name, which has none, are taken for separators.
 */
function splitCookies(header: string, name: string): string[] {
  if (!header.includes(",")) return header.split(";");
  return header.split(";").flatMap((part) => {
    const pairs: string[][] = [];
    let isBehindOurs = false;
    for (const piece of part.split(",")) {
      const isOurs = pairName(piece) === name;
      const last = pairs.at(-1);
      if (last === undefined || isOurs || isBehindOurs) pairs.push([piece]);
      else last.push(piece);
      isBehindOurs = isOurs;
    }
    return pairs.map((pieces) => pieces.join(","));
  });
}

/** A pair without "=" has no name (RFC 6265 §5.2). */
function pairName(pair: string): string | undefined {
  const equals = pair.indexOf("=");
  return equals < 0 ? undefined : pair.slice(0, equals).trim();
}

const sameSiteAttributes = { lax: "SameSite=Lax", strict: "SameSite=Strict", none: "SameSite=None" } as const;

/** The Set-Cookie field (RFC 6265 §4.1). The browser keeps it for the whole lifetime; Weir itself judges idleness. */
export function stickySetCookie(
  value: string,
  { sticky, isHttps }: { readonly sticky: StickyConfig; readonly isHttps: boolean },
): string {
  const { cookie, path, domain, ttlMs, httpOnly, sameSite, secure = isHttps, partitioned } = sticky;
  const attributes = [
    `${cookie}=${value}`,
    `Path=${path}`,
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    `Max-Age=${Math.ceil(ttlMs / 1000)}`,
    ...(httpOnly ? ["HttpOnly"] : []),
    sameSiteAttributes[sameSite],
    ...(secure ? ["Secure"] : []),
    ...(partitioned ? ["Partitioned"] : []),
  ];
  return attributes.join("; ");
}
