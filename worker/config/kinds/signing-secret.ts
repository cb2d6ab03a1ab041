/** The keys that messages are signed with: long enough that they are not found by trying. */
import { secretText } from "./fields.ts";

export const signingSecret = secretText("a secret of 32 to 256 characters, as ${ENV:NAME}", (secret) =>
  /^.{32,256}$/s.test(secret),
).meta({
  secret: true,
  bounds: '32–256 characters, `"${ENV:NAME}"`',
  examples: ["${ENV:NAME}"],
  pattern: String.raw`^[\s\S]{32,256}$`,
});
