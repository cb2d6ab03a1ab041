/** A name and a password, and a network in their place. */
import { createHash } from "node:crypto";

import { hashOf } from "../../../../cli/hash-password.ts";
import { mostKinds } from "../kinds.ts";
import { apacheForwards, nginxForwards, type RuleSet } from "../rule-set.ts";

const password = "open sesame";
const basicAuth = { realm: "inside", users: { alice: await hashOf(password) } };

/** The one form that nginx and Apache both read. */
const htpasswd = `alice:{SHA}${createHash("sha1").update(password).digest("base64")}\n`;
const nginxLogin = 'auth_basic "inside"; auth_basic_user_file FILES/htpasswd;';
const apacheLogin = `
        AuthType Basic
        AuthName inside
        AuthUserFile FILES/htpasswd`;

const common = {
  isAskedPlainly: true,
  kinds: [...mostKinds, "login", "wrong"],
  files: { htpasswd },
  compares: { atClient: /^www-authenticate$/, atOrigin: /^authorization$/ },
} as const;

export const loginSets: readonly RuleSet[] = [
  {
    ...common,
    name: "login",
    about: "a name and a password",
    nginx: `
      location /admin/ { ${nginxLogin} proxy_pass http://ORIGIN; }
      ${nginxForwards}`,
    apache: `
      <Location "/admin/">${apacheLogin}
        Require valid-user
      </Location>
      ${apacheForwards}`,
    weir: [{ upstream: "site" }, { startsWith: "/admin/", upstream: "site", basicAuth }],
    paths: ["/admin/a/b", "/admin/?a=b", "/admins", "/"],
  },
  {
    ...common,
    name: "office",
    about: "a network or a password, and both",
    nginx: `
      location /inside/ { satisfy any; allow 127.0.0.0/8; deny all; ${nginxLogin} proxy_pass http://ORIGIN; }
      location /outside/ { satisfy any; allow 10.0.0.0/8; deny all; ${nginxLogin} proxy_pass http://ORIGIN; }
      location /both/ { allow 10.0.0.0/8; deny all; ${nginxLogin} proxy_pass http://ORIGIN; }
      ${nginxForwards}`,
    apache: `
      <Location "/inside/">${apacheLogin}
        <RequireAny>
          Require ip 127.0.0.0/8
          Require valid-user
        </RequireAny>
      </Location>
      <Location "/outside/">${apacheLogin}
        <RequireAny>
          Require ip 10.0.0.0/8
          Require valid-user
        </RequireAny>
      </Location>
      <Location "/both/">${apacheLogin}
        <RequireAll>
          Require ip 10.0.0.0/8
          Require valid-user
        </RequireAll>
      </Location>
      ${apacheForwards}`,
    weir: [
      { upstream: "site" },
      {
        startsWith: "/inside/",
        upstream: "site",
        access: { allow: ["127.0.0.0/8"], satisfy: "any" },
        basicAuth,
      },
      {
        startsWith: "/outside/",
        upstream: "site",
        access: { allow: ["10.0.0.0/8"], satisfy: "any" },
        basicAuth,
      },
      { startsWith: "/both/", upstream: "site", access: { allow: ["10.0.0.0/8"] }, basicAuth },
    ],
    paths: ["/outside/a/b", "/inside/a", "/inside/a?b=c", "/both/a", "/"],
  },
];
