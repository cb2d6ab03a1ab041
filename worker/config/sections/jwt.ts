/** `jwt` of a route: signed tokens of an issuer (RFC 7519), and `cloudflareAccess`, which is that for one issuer. */
import * as z from "zod";
import type { RequiredClaim } from "../../../core/access/claims.ts";
import { byName, checkedText, duration, list, oneOf } from "../kinds/fields.ts";
import { isToken } from "../kinds/http-syntax.ts";
import { identityHeader } from "../kinds/identity-header.ts";
import { tokenKeys, type TokenKeys } from "../kinds/token-keys.ts";
import { option, optional, required, section, type ValuesOf } from "../section.ts";

/** Those with a key pair: with a common secret, whoever checks a token could make one, and a public key could be taken for the secret. */
const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

const shortText = (what: string, example: string) =>
  checkedText(`${what} of 1 to 256 characters`, (written) => /^[^\p{Cc}]{1,256}$/u.test(written)).meta({
    examples: [example],
  });
const audienceText = shortText("an audience", "shop");
const audiences = z.union([audienceText, list(audienceText, 1, 16, "audiences"), z.literal(false)], {
  error: "an audience, a list of them, or false: tokens for any audience of the issuer",
});
const claim = shortText("a claim's name", "sub");
const values = z.union([z.literal(true), claim, list(claim, 1, 100, "texts")], {
  error: "true (there), a text, or a list of texts",
});

const headerExpected =
  'a header\'s name of letters, digits and "-" that means nothing else, such as "X-User"';
const claimHeaders = byName(identityHeader, claim, {
  least: 0,
  most: 16,
  what: "headers",
  nameExpected: headerExpected,
});
const requiredClaims = byName(claim, values, {
  least: 0,
  most: 16,
  what: "claims",
  nameExpected: "a claim's name of 1 to 256 characters",
});

export const jwt = section("WeirJwt", {
  /** The issuer's keys: the URL of its JWKS, or a list of public keys. */
  keys: required(tokenKeys),
  /** Who has to have issued a token (`iss`). */
  issuer: required(shortText("an issuer", "https://login.example.com/")),
  /** Whom a token has to be for (`aud`), one of them. `false`: tokens that the issuer made for others are good, too. */
  audience: required(audiences),
  /** How tokens may be signed. None of the algorithms has a secret that Weir would have to know. */
  algorithms: option(list(oneOf(algorithms), 1, algorithms.length, "algorithms"), ["RS256", "ES256"]),
  /** The header that has the token, after `Bearer` if it is `Authorization`. */
  header: optional(
    checkedText("a header's name", isToken).meta({ examples: ["Authorization", "X-Token"] }),
    "`Authorization`; with `cookie`: none",
  ),
  /** A cookie that has it, where the header is not there. */
  cookie: optional(checkedText("a cookie's name", isToken).meta({ examples: ["token"] }), "none"),
  /** Claims that a token must have: `true`, a text or a list of texts; `"realm.roles"` is a claim in another. It always must have `exp`. */
  requiredClaims: option(requiredClaims, {}),
  /** Headers in which origins get claims, `{ "X-User": "sub" }`. From clients they are taken off, on all routes. */
  claimsToHeaders: option(claimHeaders, {}),
  /** By how much clocks may differ. */
  clockTolerance: option(duration("0s", "5m"), "5s"),
  /** How long known keys are good while the issuer's URL does not answer. */
  keepKeys: option(duration("10m", "168h"), "24h"),
});

export const cloudflareAccess = section("WeirCloudflareAccess", {
  /** The team's domain: `"example"` or `"example.cloudflareaccess.com"`. */
  team: required(
    checkedText('a team\'s domain, such as "example.cloudflareaccess.com"', (written) =>
      /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.cloudflareaccess\.com)?$/.test(written),
    ).meta({ examples: ["example", "example.cloudflareaccess.com"] }),
  ),
  /** The application's audience tag (AUD), or several. */
  audience: required(
    z.union([audienceText, list(audienceText, 1, 16, "audiences")], {
      error: "an AUD tag, or a list of them",
    }),
  ),
  /** A header in which origins get the user's address. From clients it is taken off, on all routes. */
  emailHeader: optional(identityHeader, "none"),
  /** As of [`jwt`](#jwt-a-signed-token). */
  keepKeys: option(duration("10m", "168h"), "24h"),
});

/** What a token is held to. */
export interface TokenRules {
  readonly keys: TokenKeys;
  readonly keepKeysMs: number;
  readonly issuer: string;
  readonly audience: readonly string[] | undefined;
  readonly algorithms: readonly string[];
  readonly header: string | undefined;
  readonly cookie: string | undefined;
  readonly required: readonly RequiredClaim[];
  /** Headers for origins, each with its claim. */
  readonly told: readonly (readonly [header: string, claim: string])[];
  readonly toleranceS: number;
}

export function compileJwt(values: ValuesOf<typeof jwt>): TokenRules {
  const { keys, issuer, audience, algorithms, header, cookie, requiredClaims, claimsToHeaders } = values;
  return {
    keys,
    keepKeysMs: values.keepKeys,
    issuer,
    audience: audience === false ? undefined : [audience].flat(),
    algorithms,
    header: header ?? (cookie === undefined ? "Authorization" : undefined),
    cookie,
    required: Object.entries(requiredClaims).map(([name, value]) => ({
      name,
      oneOf: value === true ? [] : [value].flat(),
    })),
    told: Object.entries(claimsToHeaders),
    toleranceS: Math.floor(values.clockTolerance / 1_000),
  };
}

/** https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/validating-json/ */
export function compileCloudflareAccess(values: ValuesOf<typeof cloudflareAccess>): TokenRules {
  const { team, audience, emailHeader, keepKeys } = values;
  const issuer = `https://${team.replace(/\.cloudflareaccess\.com$/, "")}.cloudflareaccess.com`;
  return {
    keys: `${issuer}/cdn-cgi/access/certs`,
    keepKeysMs: keepKeys,
    issuer,
    audience: [audience].flat(),
    algorithms: ["RS256"],
    header: "Cf-Access-Jwt-Assertion",
    cookie: undefined,
    required: [],
    told: emailHeader === undefined ? [] : [[emailHeader, "email"]],
    toleranceS: 5,
  };
}
