/** Clients are sent elsewhere: another host, https, another path, a slash more or less. */
import { apacheForwards, nginxForwards, type RuleSet } from "../rule-set.ts";

export const redirectSets: readonly RuleSet[] = [
  {
    name: "secure",
    about: "http to https",
    nginx: "return 308 https://$host$request_uri;",
    apache: 'Redirect 308 "/" "https://secure.test/"',
    weir: [{ upstream: "site", https: true }],
    paths: ["/a/b", "/", "/a?b=c&d", "/a/b/"],
  },
  {
    name: "moved",
    about: "parts of a site moved, by 301, 302, 303, 307, 308",
    nginx: String.raw`
      location /old/ { rewrite ^/old/(.*)$ /new/$1 permanent; }
      location /for-now/ { rewrite ^/for-now/(.*)$ /there/$1 redirect; }
      location = /form { return 303 /thanks; }
      location ~ ^/api/(.*)$ { return 307 /v2/$1$is_args$args; }
      location /shop/ { return 308 http://shop.example.com$request_uri; }
      ${nginxForwards}`,
    apache: `
      Redirect 301 "/old/" "/new/"
      Redirect 302 "/for-now/" "/there/"
      RewriteEngine On
      RewriteRule ^/form$ /thanks [R=303,L,QSD]
      RedirectMatch 307 "^/api/(.*)$" "/v2/$1"
      Redirect 308 "/shop/" "http://shop.example.com/shop/"
      ProxyPassMatch "^/(?:old/|for-now/|form$|api/|shop/)" "!"
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        rules: [
          { pattern: "^/old/(.*)$", redirect: { to: "/new/${1}", status: 301 } },
          { pattern: "^/for-now/(.*)$", redirect: "/there/${1}" },
          { exact: "/form", redirect: { to: "/thanks?", status: 303 } },
          { pattern: "^/api/(.*)$", redirect: { to: "/v2/${1}", status: 307 } },
          { pattern: "^/shop/", redirect: { to: "http://shop.example.com${path}", status: 308 } },
        ],
      },
    ],
    paths: [
      "/old/a/b",
      "/old/a?b=c",
      "/old/",
      "/old",
      "/oldest",
      "/for-now/x?y=z",
      "/form",
      "/form?sent=1",
      "/api/v1/things?id=3",
      "/shop/",
      "/shop/a?b=c",
      "/",
    ],
  },
  {
    name: "queries",
    about: "the query of a redirect: kept, dropped, replaced, completed",
    nginx: String.raw`
      location /keep/ { rewrite ^/keep/(.*)$ /kept/$1 redirect; }
      location /drop/ { rewrite ^/drop/(.*)$ /dropped/$1? redirect; }
      location /replace/ { rewrite ^/replace/(.*)$ /replaced?page=$1? redirect; }
      location /add/ { rewrite ^/add/(.*)$ /added?page=$1 redirect; }
      location = /pick { return 302 /picked?q=$arg_q; }
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteRule ^/keep/(.*)$ /kept/$1 [R=302,L]
      RewriteRule ^/drop/(.*)$ /dropped/$1 [R=302,L,QSD]
      RewriteRule ^/replace/(.*)$ /replaced?page=$1 [R=302,L]
      RewriteRule ^/add/(.*)$ /added?page=$1 [R=302,L,QSA]
      RewriteCond %{QUERY_STRING} (?:^|&)q=([^&]*)
      RewriteRule ^/pick$ /picked?q=%1 [R=302,L,NE]
      RewriteRule ^/pick$ /picked?q= [R=302,L]
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        rules: [
          { pattern: "^/keep/(.*)$", redirect: "/kept/${1}" },
          { pattern: "^/drop/(.*)$", redirect: "/dropped/${1}?" },
          { pattern: "^/replace/(.*)$", redirect: "/replaced?page=${1}" },
          { pattern: "^/add/(.*)$", redirect: "/added?page=${1}&${query}" },
          { exact: "/pick", redirect: "/picked?q=${arg.q}" },
        ],
      },
    ],
    paths: [
      "/add/a",
      "/add/a?b=c",
      "/keep/a?b=c",
      "/keep/a?",
      "/drop/a?b=c",
      "/replace/a?b=c",
      "/replace/a/b",
      "/pick?p=1&q=a%20b&r=2",
      "/pick?q=a+b",
      "/pick?q=https%3A%2F%2Fa.test%2F%3Fx%3D1%26y%3D2",
      "/pick",
      "/pick?",
    ],
  },
  {
    name: "slash",
    about: "a slash added at the end, as of folders",
    nginx: String.raw`
      rewrite ^/docs$ /docs/ permanent;
      rewrite ^(/blog/.*[^/])$ $1/ permanent;
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteRule ^/docs$ /docs/ [R=301,L]
      RewriteRule ^(/blog/.*[^/])$ $1/ [R=301,L]
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        rules: [
          { exact: "/docs", redirect: { to: "/docs/", status: 301 } },
          { pattern: "^(/blog/.*[^/])$", redirect: { to: "${1}/", status: 301 } },
        ],
      },
    ],
    paths: ["/blog/a/b", "/blog/a/b/", "/blog/a?b=c", "/docs", "/docs?a", "/docs/", "/blog/", "/blog", "/"],
  },
  {
    name: "bare",
    about: "a slash, an index.html and an ending taken off",
    nginx: String.raw`
      rewrite ^(.*)/index\.html$ $1/ permanent;
      rewrite ^(/.+)\.html$ $1 permanent;
      rewrite ^(/.+)/$ $1 permanent;
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteRule ^(.*)/index\.html$ $1/ [R=301,L]
      RewriteRule ^(/.+)\.html$ $1 [R=301,L]
      RewriteRule ^(/.+)/$ $1 [R=301,L]
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        rules: [
          { pattern: "^(.*)/index\\.html$", redirect: { to: "${1}/", status: 301 } },
          { pattern: "^(/.+)\\.html$", redirect: { to: "${1}", status: 301 } },
          { pattern: "^(/.+)/$", redirect: { to: "${1}", status: 301 } },
        ],
      },
    ],
    paths: ["/a/page.html", "/a/index.html", "/index.html?x=y", "/a/b/?c=d", "/a/", "/a", "/", "/.html"],
  },
  {
    name: "language",
    about: "the front page by the browser's language",
    nginx: String.raw`
      location = / {
        if ($http_accept_language ~* ^de) { return 302 /de/; }
        return 302 /en/;
      }
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteCond %{HTTP:Accept-Language} ^de [NC]
      RewriteRule ^/$ /de/ [R=302,L,QSD]
      RewriteRule ^/$ /en/ [R=302,L,QSD]
      ${apacheForwards}`,
    weir: [
      { upstream: "site" },
      {
        exact: "/",
        rules: [
          { when: { headers: { "Accept-Language": { pattern: "(?i)^de" } } }, redirect: "/de/?" },
          { redirect: "/en/?" },
        ],
      },
    ],
    paths: ["/en/x", "/", "/?a=b", "/de/"],
  },
];
