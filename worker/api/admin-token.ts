/**
 * The admin token: which requests may operate, without leaking the token. No comparison takes longer the more of it was guessed.
 * The one that admits also hides its length: both sides are hashed first, under a key that is known here only.
 */
export type Admission =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly why: "no-token-set" | "token-set-too-short" | "no-token" | "wrong-token";
      readonly message: string;
    };

/** A shorter token opens nothing: it could be guessed. */
export const leastTokenLength = 16;

const closed =
  "The API is closed: no admin token is set. Open it with: wrangler secret put WEIR_ADMIN_TOKEN (npm start creates one and prints it).";
const tooShort = `The API is closed: WEIR_ADMIN_TOKEN has fewer than ${leastTokenLength} characters. Set a longer one, such as: openssl rand -hex 24.`;
const denied = "Send the admin token: Authorization: Bearer TOKEN.";

/** Whether the `Authorization` header presents the token. Without a configured token, or with one that is too short, no request is admitted. */
export async function admit(
  authorization: string | undefined,
  token: string | undefined,
): Promise<Admission> {
  if (token === undefined || token === "") return { ok: false, why: "no-token-set", message: closed };
  if (token.length < leastTokenLength) return { ok: false, why: "token-set-too-short", message: tooShort };
  const presented = bearer(authorization ?? "");
  if (presented === undefined) return { ok: false, why: "no-token", message: denied };
  if (!(await sameText(presented, token))) return { ok: false, why: "wrong-token", message: denied };
  return { ok: true };
}

/** A shorter token may well be part of an application's credentials. */
const tellingLength = 16;

/**
 * Whether the header's value has the token in it, after whatever scheme and between whatever signs: then no origin may see
 * it. Every request with an `Authorization` is asked this, so it is not hashed; but where the token may begin depends on the
 * header alone, and from there all of it is compared, whatever the first difference.
 */
export function carriesToken(authorization: string, token: string): boolean {
  if (token.length < tellingLength) {
    const presented = bearer(authorization) ?? "";
    return hasAt(presented, 0, token) && presented.length === token.length;
  }
  let carries = false;
  for (const { index } of authorization.matchAll(beginning)) {
    if (hasAt(authorization, index, token)) carries = true;
  }
  return carries;
}

/** Where a part of credentials may begin: at the start, and behind what stands between parts (RFC 9110 §11.4). */
const beginning = /(?<![^\s"'=:,;])/g;

/** Whether the text has the token at this place. Takes as long for any text: behind its end are NaNs, which are 0 to `^`. */
function hasAt(text: string, at: number, token: string): boolean {
  let difference = 0;
  for (let index = 0; index < token.length; index += 1) {
    // oxlint-disable-next-line no-bitwise -- a branch would take the less time the earlier the difference
    difference |= text.charCodeAt(at + index) ^ token.charCodeAt(index);
  }
  return difference === 0;
}

function bearer(authorization: string): string | undefined {
  return /^Bearer[ \t]+(\S+)\s*$/i.exec(authorization)?.[1];
}

async function sameText(left: string, right: string): Promise<boolean> {
  const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
  if (!("type" in key)) throw new TypeError("HMAC makes one key, not a pair");
  const encoder = new TextEncoder();
  const signature = await crypto.subtle.sign("HMAC", key, encoder.encode(right));
  return crypto.subtle.verify("HMAC", key, signature, encoder.encode(left));
}
