/**
 * Who may operate, and that nobody else hears of it. The comparisons take the same time wherever two tokens
 * differ; the one that admits also hides their lengths: both are hashed first, under a key that nobody else knows.
 */
export type Admission = { readonly ok: true } | { readonly ok: false; readonly message: string };

const closed =
  "The API is closed: no admin token is set. Open it with: wrangler secret put WEIR_ADMIN_TOKEN (npm start makes one and prints it).";
const denied = "Present the admin token: Authorization: Bearer TOKEN.";

/** Whether the `Authorization` header presents the token. Without a token nobody is admitted. */
export async function admit(
  authorization: string | undefined,
  token: string | undefined,
): Promise<Admission> {
  if (token === undefined || token === "") return { ok: false, message: closed };
  const presented = bearer(authorization ?? "");
  if (presented === undefined || !(await sameText(presented, token))) return { ok: false, message: denied };
  return { ok: true };
}

/** Whether the header's value is the token: then no origin may see it, whatever path it came on. */
export function carriesToken(authorization: string, token: string): boolean {
  const presented = bearer(authorization);
  if (presented?.length !== token.length) return false;
  let difference = 0;
  for (let i = 0; i < token.length; i++) difference |= presented.charCodeAt(i) ^ token.charCodeAt(i);
  return difference === 0;
}

function bearer(authorization: string): string | undefined {
  return /^Bearer +(\S+)\s*$/i.exec(authorization)?.[1];
}

async function sameText(left: string, right: string): Promise<boolean> {
  const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
  if (!("type" in key)) throw new TypeError("HMAC makes one key, not a pair");
  const encoder = new TextEncoder();
  const signature = await crypto.subtle.sign("HMAC", key, encoder.encode(right));
  return crypto.subtle.verify("HMAC", key, signature, encoder.encode(left));
}
