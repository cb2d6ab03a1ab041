/**
 * Who may operate. The comparison takes the same time wherever two tokens differ, and also hides their
 * lengths: both are hashed first, under a key that nobody else knows.
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
  const presented = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  if (presented === undefined || !(await sameText(presented, token))) return { ok: false, message: denied };
  return { ok: true };
}

async function sameText(left: string, right: string): Promise<boolean> {
  const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
  if (!("type" in key)) throw new TypeError("HMAC makes one key, not a pair");
  const encoder = new TextEncoder();
  const signature = await crypto.subtle.sign("HMAC", key, encoder.encode(right));
  return crypto.subtle.verify("HMAC", key, signature, encoder.encode(left));
}
