/** Which of several rules takes a path: exact, by prefix, by characters, by regular expression, in capitals or not, decoded. */
import { apacheForwards, nginxForwards, type RuleSet } from "../rule-set.ts";

export const matchingSets: readonly RuleSet[] = [
  {
    name: "locations",
    about: "exact, `^~`, regular expression, prefix: the order of nginx's locations",
    nginx: String.raw`
      location = /api { return 410; }
      location /api { return 404; }
      location ^~ /download/ { return 403; }
      location ~ "/media/|x$" { return 409; }
      location ~ ^/user/(?<number>\d+)$ { return 302 /u/$number; }
      location /user { return 405; }
      location /q/ { return 406; }
      location = /q/word { proxy_pass http://ORIGIN; }
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteRule ^/api$ - [G]
      RewriteRule ^/q/word$ - [PT,L]
      RewriteRule ^/download/ - [F]
      RewriteRule /media/|x$ - [R=409]
      RewriteRule ^/user/(\d+)$ /u/$1 [R=302,L,QSD]
      RewriteRule ^/user - [R=405]
      RewriteRule ^/q/ - [R=406]
      RewriteRule ^/api - [R=404]
      ${apacheForwards}`,
    weir: [
      { upstream: "site" },
      { exact: "/api", precedence: 2, rules: [{ respond: 410 }] },
      { startsWith: "/api", rules: [{ respond: 404 }] },
      { startsWith: "/download/", precedence: 2, rules: [{ respond: 403 }] },
      { pattern: "/media/|x$", precedence: 1, rules: [{ respond: 409 }] },
      { pattern: "^/user/(?<number>\\d+)$", precedence: 1, rules: [{ redirect: "/u/${number}?" }] },
      { startsWith: "/user", rules: [{ respond: 405 }] },
      { startsWith: "/q/", rules: [{ respond: 406 }] },
      { exact: "/q/word", precedence: 2, upstream: "site" },
    ],
    paths: [
      "/user/17",
      "/user/17?a=b",
      "/user/x",
      "/users",
      "/api",
      "/api/",
      "/apix",
      "/api/v1",
      "/download/media/x",
      "/download",
      "/a/media/b",
      "/q/word",
      "/q/words",
      "/q/",
      "/q",
      "/",
    ],
  },
  {
    name: "capitals",
    about: "a regular expression for which capitals make no difference",
    nginx: String.raw`
      location ~* ^/images/(.+)\.(jpe?g|png)$ { return 301 /img/$1.$2; }
      location ~ ^/Exact/ { return 403; }
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteRule ^/images/(.+)\.(jpe?g|png)$ /img/$1.$2 [NC,R=301,L,QSD]
      RewriteRule ^/Exact/ - [F]
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        rules: [
          { pattern: "(?i)^/images/(.+)\\.(jpe?g|png)$", redirect: { to: "/img/${1}.${2}?", status: 301 } },
          { pattern: "^/Exact/", respond: 403 },
        ],
      },
    ],
    paths: ["/images/a.png", "/IMAGES/a/B.JPG", "/Images/a.gif", "/Exact/x", "/exact/x", "/images/.png"],
  },
  {
    name: "encoded",
    about: "paths with spaces, other letters and signs",
    nginx: String.raw`
      location /café/ { rewrite ^/café/(.*)$ /coffee/$1 redirect; }
      location "/a b/" { rewrite "^/a b/(.*)$" /ab/$1 break; proxy_pass http://ORIGIN; }
      location /plus+/ { return 403; }
      location = /100% { return 410; }
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteRule ^/café/(.*)$ /coffee/$1 [R=302,L]
      RewriteRule "^/a b/(.*)$" /ab/$1 [PT]
      RewriteRule ^/plus\+/ - [F]
      RewriteRule ^/100%$ - [G]
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        rules: [
          { pattern: "^/café/(.*)$", redirect: "/coffee/${1}" },
          { pattern: "^/a b/(.*)$", rewrite: "/ab/${1}", after: "break" },
          { prefix: "/plus+", respond: 403 },
          { exact: "/100%25", respond: 410 },
        ],
      },
    ],
    paths: [
      "/caf%C3%A9/a",
      "/caf%c3%a9/a%20b?c=%20",
      "/caf%C3%A9/%C3%BC",
      "/a%20b/c%20d",
      "/a+b/c",
      "/a%20b/%E2%82%AC?x=%E2%82%AC",
      "/plus+/a",
      "/plus%2B/a",
      "/plus%20/a",
      "/100%25",
      "/x%26y/a&b",
    ],
  },
  {
    name: "hidden",
    about: "files that nobody may have, by pattern: 403 and 410",
    nginx: String.raw`
      location ^~ /.well-known/ { proxy_pass http://ORIGIN; }
      location ~ /\. { return 403; }
      location ~* \.(?:bak|sql|ini|log)$ { return 403; }
      location ~ ^/(?:cgi-bin|phpmyadmin)(?:/|$) { return 410; }
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteRule ^/\.well-known/ - [PT,L]
      RewriteRule /\. - [F]
      RewriteRule \.(?:bak|sql|ini|log)$ - [NC,F]
      RewriteRule ^/(?:cgi-bin|phpmyadmin)(?:/|$) - [G]
      ${apacheForwards}`,
    weir: [
      { startsWith: "/.well-known/", upstream: "site" },
      {
        upstream: "site",
        rules: [
          { pattern: "/\\.", respond: 403 },
          { pattern: "(?i)\\.(?:bak|sql|ini|log)$", respond: 403 },
          { pattern: "^/(?:cgi-bin|phpmyadmin)(?:/|$)", respond: 410 },
        ],
      },
    ],
    paths: [
      "/a/.git/config",
      "/.env",
      "/.well-known/security.txt",
      "/.well-known",
      "/dump.sql",
      "/dump.SQL?x=1",
      "/dump.sql.gz",
      "/cgi-bin/x",
      "/cgi-bin",
      "/cgi-binary",
      "/a.b/c",
      "/?file=/.env",
    ],
  },
];
