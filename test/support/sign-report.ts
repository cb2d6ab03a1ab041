/** What an origin does to be believed (`worker/proxy/response/load-report.ts`), written a second time for the tests. */

export const reportSecret = "nothing secret, for tests of reports only";

/** The value of the header. */
export async function signReport(text: string, origin: string, secret = reportSecret): Promise<string> {
  const encoder = new TextEncoder();
  const usage = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), usage, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, encoder.encode(`${origin}\n${text}`));
  const base64 = btoa(String.fromCharCode(...new Uint8Array(signature)));
  return `${text}; sig=${base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
}
