/** What an origin does to be believed when it registers (`worker/transport/signed-message.ts`), written a second time for the tests. */
import { createHmac } from "node:crypto";

export const registerSecret = "nothing secret, for tests of registrations only";

export interface Signing {
  readonly secret?: string;
  /** When it says that it was signed, in milliseconds since 1970. */
  readonly atMs?: number;
}

/** The headers of this text. */
export function signMessage(
  text: string,
  { secret = registerSecret, atMs = Date.now() }: Signing = {},
): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1_000));
  const signature = createHmac("sha256", secret).update(`${timestamp}.${text}`).digest("hex");
  return { "X-Weir-Timestamp": timestamp, "X-Weir-Signature": `sha256=${signature}` };
}

/** The headers of this registration, for a pool of an upstream. */
export function signRegistration(
  body: string,
  { upstream, pool, ...signing }: Signing & { readonly upstream: string; readonly pool: string },
): Record<string, string> {
  return signMessage(["POST", upstream, pool, body].join("\n"), signing);
}
