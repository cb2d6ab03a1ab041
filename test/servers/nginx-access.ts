/** Lists of networks and logins as an nginx.conf has them, and the same as a route of Weir has them. */
import type { WeirRoute } from "../../worker/config/weir-config.ts";
import type { NginxCase } from "./nginx.ts";

export interface AccessCase extends NginxCase {
  readonly weir: Pick<WeirRoute, "access" | "basicAuth">;
}

/** Those of the file `htpasswd`. In it a colon would end the password. */
export const logins = { alice: "open sesame", bob: "pässwörd, with more" };

export const htpasswd = Object.entries(logins)
  .map(([name, password]) => `${name}:{PLAIN}${password}\n`)
  .join("");

const login = 'auth_basic "inside"; auth_basic_user_file htpasswd;';

/** @param hashes of the passwords, by name. */
export function accessCases(hashes: Readonly<Record<string, string>>): readonly AccessCase[] {
  const basicAuth = { realm: "inside", users: hashes };
  const office = { allow: ["10.0.0.0/8", "2001:db8::/32"] };
  return [
    {
      name: "allowed",
      nginx: "allow 10.0.0.0/8; allow 2001:db8::/32; deny all;",
      weir: { access: office },
    },
    {
      name: "hole",
      nginx: "deny 10.1.0.0/16; deny 2001:db8:1::/48; allow 10.0.0.0/8; allow 2001:db8::/32; deny all;",
      weir: { access: { ...office, deny: ["10.1.0.0/16", "2001:db8:1::/48"] } },
    },
    { name: "denied", nginx: "deny 10.0.0.0/8;", weir: { access: { deny: ["10.0.0.0/8"] } } },
    {
      name: "ordered",
      nginx: "allow 10.1.2.0/24; deny 10.1.0.0/16; allow 10.0.0.0/8; deny 203.0.113.9;",
      weir: {
        access: {
          rules: [
            "allow 10.1.2.0/24",
            "deny 10.1.0.0/16",
            "allow 10.0.0.0/8",
            "deny 203.0.113.9",
            "allow all",
          ],
        },
      },
    },
    { name: "closed", nginx: "deny all;", weir: { access: { deny: ["all"] } } },
    { name: "login", nginx: login, weir: { basicAuth } },
    {
      name: "both",
      nginx: `allow 10.0.0.0/8; allow 2001:db8::/32; deny all; ${login}`,
      weir: { access: office, basicAuth },
    },
    {
      name: "either",
      nginx: `satisfy any; allow 10.0.0.0/8; allow 2001:db8::/32; deny all; ${login}`,
      weir: { access: { ...office, satisfy: "any" }, basicAuth },
    },
  ];
}
