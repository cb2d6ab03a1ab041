/** Rules that go by what a header, an argument or a cookie says. */
import { apacheForwards, nginxForwards, type RuleSet } from "../rule-set.ts";

export const valueSets: readonly RuleSet[] = [
  {
    name: "agents",
    about: "by a header: crawlers refused, other sites may not link to pictures",
    nginx: String.raw`
      if ($http_user_agent ~* "bot|crawl") { return 403; }
      location /pictures/ {
        valid_referers none agents.test *.agents.test;
        if ($invalid_referer) { return 403; }
        proxy_pass http://ORIGIN;
      }
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteCond %{HTTP_USER_AGENT} bot|crawl [NC]
      RewriteRule ^ - [F]
      RewriteCond %{HTTP_REFERER} !^$
      RewriteCond %{HTTP_REFERER} !^https?://(?:[^/]+\.)?agents\.test(?:/|$) [NC]
      RewriteRule ^/pictures/ - [F]
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        rules: [
          { when: { headers: { "User-Agent": { pattern: "(?i)bot|crawl" } } }, respond: 403 },
          {
            pattern: "^/pictures/",
            when: {
              headers: { Referer: true },
              not: { headers: { Referer: { pattern: "(?i)^https?://(?:[^/]+\\.)?agents\\.test(?:/|$)" } } },
            },
            respond: 403,
          },
        ],
      },
    ],
    paths: ["/pictures/a.png", "/", "/a?b=c", "/pictures"],
  },
  {
    name: "arguments",
    about: "by an argument of the query, and by none",
    nginx: String.raw`
      if ($arg_debug = 1) { return 404; }
      if ($arg_lang ~ ^(de|fr)$) { rewrite ^/(.*)$ /$1/in-$arg_lang break; }
      location = /product { if ($args = "") { return 400; } return 301 /p/$arg_id; }
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteCond %{QUERY_STRING} (?:^|&)debug=1(?:&|$)
      RewriteRule ^ - [R=404]
      RewriteCond %{QUERY_STRING} ^$
      RewriteRule ^/product$ - [R=400]
      RewriteCond %{QUERY_STRING} (?:^|&)id=([^&]*)
      RewriteRule ^/product$ /p/%1 [R=301,L,QSD,NE]
      RewriteRule ^/product$ /p/ [R=301,L,QSD]
      RewriteCond %{QUERY_STRING} (?:^|&)lang=(de|fr)(?:&|$)
      RewriteRule ^/(.*)$ /$1/in-%1 [PT]
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        rules: [
          { when: { query: { debug: "1" } }, respond: 404 },
          {
            exact: "/product",
            when: { query: { id: true } },
            redirect: { to: "/p/${arg.id}?", status: 301 },
          },
          { exact: "/product", respond: 400 },
          { when: { query: { lang: ["de", "fr"] } }, rewrite: "${path}/in-${arg.lang}", after: "break" },
        ],
      },
    ],
    paths: [
      "/a/b",
      "/a?lang=de",
      "/a?x=1&lang=fr&y=2",
      "/a?lang=en",
      "/a?lang=de&lang=en",
      "/?debug=1",
      "/?debug=2",
      "/?nodebug=1",
      "/?debug=1&debug=2",
      "/?de%62ug=1",
      "/product?id=17",
      "/product?id=a%2Fb",
      "/product",
      "/product?",
    ],
  },
  {
    name: "cookies",
    about: "by a cookie: a beta for those that have one",
    nginx: String.raw`
      if ($cookie_beta) { rewrite ^(.*)$ /beta$1 break; }
      location /members/ { if ($cookie_session = "") { return 302 /login; } proxy_pass http://ORIGIN; }
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteCond %{HTTP_COOKIE} (?:^|;\s*)beta=[^;]
      RewriteRule ^(.*)$ /beta$1 [PT]
      RewriteCond %{HTTP_COOKIE} !(?:^|;\s*)session=[^;]
      RewriteRule ^/members/ /login [R=302,L,QSD]
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        rules: [
          { when: { cookies: { beta: { pattern: "." } } }, rewrite: "/beta${path}", after: "break" },
          {
            pattern: "^/members/",
            when: { not: { cookies: { session: { pattern: "." } } } },
            redirect: "/login?",
          },
        ],
      },
    ],
    paths: ["/members/a/b", "/members/?a=b", "/members", "/", "/a?b=c"],
  },
];
