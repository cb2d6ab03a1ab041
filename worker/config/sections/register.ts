/** `register` of a pool: further origins register themselves. */
import { duration, integer, list } from "../kinds/fields.ts";
import { signingSecret } from "../kinds/signing-secret.ts";
import { urlPattern } from "../kinds/url-pattern.ts";
import { quote } from "../parse/notation.ts";
import { inEach } from "../rule.ts";
import { option, optional, required, section, type ValuesOf } from "../section.ts";

export const register = section(
  "WeirRegister",
  {
    /** The key that the origins sign with; give each pool its own. */
    secret: required(signingSecret),
    /** The URLs that they may register: scheme, host and port, `"https://*.cloud.example.net"`, `"http://10.0.0.0/8:8080"`, `"http://127.0.0.1:9300-9399"`; `:*` is any port, no port is that of the scheme. All others are refused. */
    urls: required(list(urlPattern, 1, 100, "URLs")),
    /** From one heartbeat to the next. An origin that misses three is drained and removed. */
    every: option(duration("1s", "5m"), "10s"),
    /** The most registered origins at a time; together with the listed origins of all pools 1000. */
    max: option(integer(1, 1000), 100),
    /** The most requests that each of them may have open at once, over the whole fleet. */
    maxConns: optional(integer(1, 1_000_000), "no limit"),
  },
  {
    rules: [
      // As for the URLs of origins: the platform refuses a public fetch to an address.
      inEach("urls", ({ host }, _index, _register, _at, target) => {
        const expected = `public DNS names, such as ${quote("https://*.cloud.example.net")}: at the edge a public fetch to an IP address fails (error 1003)`;
        return target === "edge" && host.kind === "range" && { path: [], expected };
      }),
    ],
  },
);

/** How origins register themselves with a pool. */
export type RegisterConfig = ReturnType<typeof compileRegister>;

export function compileRegister({ every, ...rest }: ValuesOf<typeof register>) {
  return { ...rest, everyMs: every };
}
