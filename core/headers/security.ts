/**
 * Security headers by one word. `strict` follows the values that the OWASP Secure Headers Project proposes (owasp.org/www-project-secure-headers); `basic`
 * has what no ordinary site breaks by, as MDN's practical guides to web security have it. HSTS is not among them: it belongs to https, and
 * cannot be taken back (`https.hsts`). Nor is Cross-Origin-Embedder-Policy: with it pages lose images and scripts of other sites.
 *
 * What the origin says wins: an application knows its pages better, and a policy of its own must not become weaker.
 */
import type { HeaderFields } from "./edits.ts";

export const securityPresets = ["basic", "strict"] as const;

export type SecurityPreset = (typeof securityPresets)[number];

interface SecurityHeaders {
  /** Where the origin says nothing. */
  readonly byDefault: readonly (readonly [name: string, value: string])[];
  /** The Content-Security-Policy; "": none. */
  readonly policy: string;
  /** What the policy says of frames. It would override the origin's X-Frame-Options (CSP Level 3 §6.4.2.2). */
  readonly framing: string;
  /** What tells attackers which software is behind, and nobody else anything. */
  readonly hidden: readonly string[];
}

const hidden = ["X-Powered-By", "X-AspNet-Version", "X-AspNetMvc-Version"] as const;

const presets: Readonly<Record<SecurityPreset, SecurityHeaders>> = {
  basic: {
    byDefault: [
      ["X-Frame-Options", "SAMEORIGIN"],
      ["Referrer-Policy", "strict-origin-when-cross-origin"],
    ],
    policy: "",
    framing: "",
    hidden,
  },
  strict: {
    byDefault: [
      ["X-Frame-Options", "DENY"],
      ["Referrer-Policy", "no-referrer"],
      ["Cross-Origin-Opener-Policy", "same-origin"],
      ["Cross-Origin-Resource-Policy", "same-origin"],
      [
        "Permissions-Policy",
        "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), serial=(), usb=()",
      ],
      ["X-Permitted-Cross-Domain-Policies", "none"],
    ],
    policy: "default-src 'self'; form-action 'self'; base-uri 'self'; object-src 'none'",
    framing: "frame-ancestors 'none'",
    hidden: [...hidden, "Server"],
  },
};

const policyName = "Content-Security-Policy";

/**
 * Adds the preset's headers to an answer.
 * @param isOwn the page is Weir's or the operator's, and may have styles in it: of the policy it gets only what is said of frames.
 */
export function secure(fields: HeaderFields, preset: SecurityPreset, isOwn: boolean): void {
  const { byDefault, policy, framing, hidden } = presets[preset];
  for (const name of hidden) fields.delete(name);
  // The only value that it has.
  fields.set("X-Content-Type-Options", "nosniff");
  if (!fields.has(policyName)) {
    const parts = [isOwn ? "" : policy, fields.has("X-Frame-Options") ? "" : framing];
    const value = parts.filter((part) => part !== "").join("; ");
    if (value !== "") fields.set(policyName, value);
  }
  for (const [name, value] of byDefault) if (!fields.has(name)) fields.set(name, value);
}
