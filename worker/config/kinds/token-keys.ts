/** Where the keys come from that tokens are signed with: an issuer's list (RFC 7517 §5), or keys that stand in the config. Public ones only. */
import * as z from "zod";
import { checkedText, list, object, oneOf, text } from "./fields.ts";
import { parseWebhookUrl } from "./webhook-url.ts";

const member = checkedText("a member of a key: base64url", (written) => /^[\w-]{1,2048}$/.test(written)).meta(
  {
    examples: ["AQAB"],
  },
);
const label = checkedText("a text of 1 to 256 characters", (written) =>
  /^[^\p{Cc}]{1,256}$/u.test(written),
).meta({
  examples: ["key-1"],
});
const about = (what: string) => ({ description: what });

/** One without its private part: that has no business where tokens are only looked at. */
const jwk = object("a public key as a JWK, without private members", {
  kty: oneOf(["RSA", "EC", "OKP"]).meta(about("The key's type.")),
  kid: z.exactOptional(label.meta(about("Its name, by which tokens say it."))),
  alg: z.exactOptional(label.meta(about("The algorithm that it is for."))),
  use: z.exactOptional(oneOf(["sig"]).meta(about("What it is for."))),
  crv: z.exactOptional(oneOf(["P-256", "P-384", "P-521", "Ed25519"]).meta(about("Its curve."))),
  n: z.exactOptional(member.meta(about("Of RSA: the modulus."))),
  e: z.exactOptional(member.meta(about("Of RSA: the exponent."))),
  x: z.exactOptional(member.meta(about("Of a curve: the point's first coordinate."))),
  y: z.exactOptional(member.meta(about("… the second."))),
});

const expected = "the https: URL of a JWKS (http: on a private network), or a list of 1 to 16 public keys";

const url = text(expected, parseWebhookUrl).meta({
  examples: ["https://login.example.com/.well-known/jwks.json"],
});

export const tokenKeys = z.union([url, list(jwk, 1, 16, "keys")], { error: expected });

export type TokenKeys = z.infer<typeof tokenKeys>;
