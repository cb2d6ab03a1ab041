/** What an origin does to be believed when it registers (`worker/transport/signed-message.ts`), written a second time for the tests. */
import { createHmac } from "node:crypto";

export const registerSecret = "nothing secret, for tests of registrations only";

export interface Signing {
  readonly secret?: string;
  /** When it says that it was signed, in milliseconds since 1970. */
  readonly atMs?: number;
}

/** The headers of this body. */
export function signMessage(
  body: string,
  { secret = registerSecret, atMs = Date.now() }: Signing = {},
): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1_000));
  const signature = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
  return { "X-Weir-Timestamp": timestamp, "X-Weir-Signature": `sha256=${signature}` };
}
