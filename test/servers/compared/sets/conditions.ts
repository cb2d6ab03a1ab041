/** What a request must be, beside its path: its method, its body, the client's network, and the opposite of conditions. */
import { allMethods } from "../kinds.ts";
import { apacheForwards, nginxForwards, type RuleSet } from "../rule-set.ts";

export const conditionSets: readonly RuleSet[] = [
  {
    name: "methods",
    about: "methods that are not served",
    kinds: allMethods,
    nginx: String.raw`
      if ($request_method !~ ^(?:GET|HEAD|POST)$) { return 405; }
      location /read/ { if ($request_method = POST) { return 403; } proxy_pass http://ORIGIN; }
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteCond %{REQUEST_METHOD} !^(?:GET|HEAD|POST)$
      RewriteRule ^ - [R=405]
      RewriteCond %{REQUEST_METHOD} =POST
      RewriteRule ^/read/ - [F]
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        methods: ["GET", "POST"],
        rules: [{ pattern: "^/read/", when: { methods: ["POST"] }, respond: 403 }],
      },
    ],
    paths: ["/read/a", "/read/a?b=c", "/read", "/", "/write/a"],
  },
  {
    name: "uploads",
    about: "how large a body may be",
    nginx: `
      location /small/ { client_max_body_size 3; proxy_pass http://ORIGIN; }
      ${nginxForwards}`,
    apache: `
      <Location "/small/">
        LimitRequestBody 3
      </Location>
      ${apacheForwards}`,
    weir: [{ upstream: "site" }, { startsWith: "/small/", upstream: "site", maxRequestBody: "3B" }],
    paths: ["/small/a/b", "/small/", "/smaller", "/large/a", "/"],
  },
  {
    name: "networks",
    about: "by the client's network: allowed, denied, and both",
    nginx: `
      location /inside/ { allow 127.0.0.0/8; deny all; proxy_pass http://ORIGIN; }
      location /outside/ { deny 127.0.0.0/8; allow all; proxy_pass http://ORIGIN; }
      location /nobody/ { deny all; proxy_pass http://ORIGIN; }
      location /few/ { deny 127.0.0.0/30; allow 127.0.0.0/8; deny all; proxy_pass http://ORIGIN; }
      ${nginxForwards}`,
    apache: `
      <Location "/inside/">
        Require ip 127.0.0.0/8
      </Location>
      <Location "/outside/">
        <RequireAll>
          Require all granted
          Require not ip 127.0.0.0/8
        </RequireAll>
      </Location>
      <Location "/nobody/">
        Require all denied
      </Location>
      <Location "/few/">
        <RequireAll>
          Require ip 127.0.0.0/8
          Require not ip 127.0.0.0/30
        </RequireAll>
      </Location>
      ${apacheForwards}`,
    weir: [
      { upstream: "site" },
      { startsWith: "/inside/", upstream: "site", access: { allow: ["127.0.0.0/8"] } },
      { startsWith: "/outside/", upstream: "site", access: { deny: ["127.0.0.0/8"] } },
      { startsWith: "/nobody/", upstream: "site", access: { deny: ["all"] } },
      { startsWith: "/few/", upstream: "site", access: { allow: ["127.0.0.0/8"], deny: ["127.0.0.0/30"] } },
    ],
    paths: ["/outside/a/b", "/outside", "/inside/a", "/inside/a?b=c", "/nobody/", "/nobody", "/few/a", "/"],
  },
  {
    name: "negated",
    about: "the opposite of conditions, and several at once",
    kinds: allMethods,
    nginx: String.raw`
      location /keyed/ { if ($http_x_key != secret) { return 401; } proxy_pass http://ORIGIN; }
      location /post-only/ { if ($request_method != POST) { return 405; } proxy_pass http://ORIGIN; }
      location /both/ {
        set $state "";
        if ($request_method = GET) { set $state "get"; }
        if ($http_x_key = secret) { set $state "\${state}key"; }
        if ($state = getkey) { return 409; }
        proxy_pass http://ORIGIN;
      }
      ${nginxForwards}`.replaceAll("\\$", "$"),
    apache: String.raw`
      RewriteEngine On
      RewriteCond %{HTTP:X-Key} !=secret
      RewriteRule ^/keyed/ - [R=401]
      RewriteCond %{REQUEST_METHOD} !=POST
      RewriteRule ^/post-only/ - [R=405]
      RewriteCond %{REQUEST_METHOD} =GET
      RewriteCond %{HTTP:X-Key} =secret
      RewriteRule ^/both/ - [R=409]
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        rules: [
          { pattern: "^/keyed/", when: { not: { headers: { "X-Key": "secret" } } }, respond: 401 },
          { pattern: "^/post-only/", when: { not: { methods: ["POST"] } }, respond: 405 },
          { pattern: "^/both/", when: { methods: ["GET"], headers: { "X-Key": "secret" } }, respond: 409 },
        ],
      },
    ],
    paths: ["/keyed/a/b", "/keyed/", "/keyed", "/post-only/a", "/both/a", "/both/a?b=c", "/"],
  },
];
