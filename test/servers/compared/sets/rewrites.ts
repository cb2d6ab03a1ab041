/** Origins get another path than the client has asked for. */
import { apacheForwards, nginxForwards, type RuleSet } from "../rule-set.ts";

export const rewriteSets: readonly RuleSet[] = [
  {
    name: "strip",
    about: "a prefix taken off on the way to the origin",
    nginx: `
      location /api/ { proxy_pass http://ORIGIN/; }
      location /v2/ { rewrite ^/v2/(.*)$ /$1 break; proxy_pass http://ORIGIN; }
      ${nginxForwards}`,
    apache: `
      ProxyPass "/api/" "http://ORIGIN/"
      RewriteEngine On
      RewriteRule ^/v2/(.*)$ http://ORIGIN/$1 [P]
      ${apacheForwards}`,
    weir: [
      { upstream: "site" },
      { startsWith: "/api/", upstream: "site", rules: [{ prefix: "/api", rewrite: "${rest}" }] },
      { startsWith: "/v2/", upstream: "site", rules: [{ prefix: "/v2", rewrite: "${rest}" }] },
    ],
    paths: ["/api/a/b", "/api/", "/api/a?b=c", "/api", "/apix", "/v2/a/b", "/v2/", "/v2/a?b=c", "/v2", "/"],
  },
  {
    name: "below",
    about: "a site that is below a folder at the origin",
    nginx: "location / { proxy_pass http://ORIGIN/app/; }",
    apache: 'ProxyPass "/" "http://ORIGIN/app/"',
    weir: [{ upstream: "site", rules: [{ rewrite: "/app${path}" }] }],
    paths: ["/a/b", "/", "/a?b=c", "/app/x"],
  },
  {
    name: "chain",
    about: "rewrites that follow each other",
    nginx: String.raw`
      rewrite ^/a/(.*)$ /b/$1;
      rewrite ^/b/(.*)$ /c/$1;
      rewrite ^/stop/(.*)$ /a/$1 break;
      rewrite ^/go/(.*)$ /stop/$1;
      rewrite ^/c/(.*)$ /d/$1;
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteRule ^/a/(.*)$ /b/$1
      RewriteRule ^/b/(.*)$ /c/$1
      RewriteRule ^/stop/(.*)$ /a/$1 [PT]
      RewriteRule ^/go/(.*)$ /stop/$1
      RewriteRule ^/c/(.*)$ /d/$1
      RewriteRule ^ - [PT]
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        rules: [
          { pattern: "^/a/(.*)$", rewrite: "/b/${1}" },
          { pattern: "^/b/(.*)$", rewrite: "/c/${1}" },
          { pattern: "^/stop/(.*)$", rewrite: "/a/${1}", after: "break" },
          { pattern: "^/go/(.*)$", rewrite: "/stop/${1}" },
          { pattern: "^/c/(.*)$", rewrite: "/d/${1}" },
        ],
      },
    ],
    paths: ["/a/x/y", "/b/x?y", "/stop/a/b", "/go/a", "/c/x", "/a/a/a", "/a", "/a/"],
  },
  {
    name: "last",
    about: "rewrites that lead into another location",
    nginx: String.raw`
      location /one/ { rewrite ^/one/(.*)$ /two/$1 last; }
      location /two/ { rewrite ^/two/closed /shut last; proxy_pass http://ORIGIN; }
      location /shut { return 403; }
      location /hop/ { rewrite ^/hop/(.*)$ /one/$1 last; }
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteRule ^/hop/(.*)$ /one/$1
      RewriteRule ^/one/(.*)$ /two/$1
      RewriteRule ^/two/closed /shut
      RewriteRule ^/shut - [F]
      RewriteRule ^ - [PT]
      ${apacheForwards}`,
    weir: [
      { upstream: "site" },
      {
        startsWith: "/hop/",
        rules: [{ pattern: "^/hop/(.*)$", rewrite: "/one/${1}", after: "last" }, { respond: 404 }],
      },
      {
        startsWith: "/one/",
        rules: [{ pattern: "^/one/(.*)$", rewrite: "/two/${1}", after: "last" }, { respond: 404 }],
      },
      {
        startsWith: "/two/",
        upstream: "site",
        rules: [{ pattern: "^/two/closed", rewrite: "/shut", after: "last" }],
      },
      { startsWith: "/shut", rules: [{ respond: 403 }] },
    ],
    paths: [
      "/hop/a/b",
      "/hop/closed",
      "/one/a?b=c",
      "/one/closed/x",
      "/two/x",
      "/two/closed",
      "/shut",
      "/other",
    ],
  },
  {
    name: "front",
    about: "a front controller: all but files goes to index.php",
    nginx: String.raw`
      location ~ \.(?:css|js|png)$ { proxy_pass http://ORIGIN; }
      location / { rewrite ^/(.*)$ /index.php?q=$1 break; proxy_pass http://ORIGIN; }`,
    apache: String.raw`
      RewriteEngine On
      RewriteCond %{REQUEST_URI} !\.(?:css|js|png)$
      RewriteRule ^/(.*)$ /index.php?q=$1 [QSA,PT]
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        rules: [
          { pattern: "\\.(?:css|js|png)$", rewrite: "${path}", after: "break" },
          { pattern: "^/(.*)$", rewrite: "/index.php?q=${1}&${query}" },
        ],
      },
    ],
    paths: ["/news/today", "/news?page=2", "/", "/style.css", "/style.css?v=1", "/a.css/b", "/index.php?a=b"],
  },
  {
    name: "search",
    about: "an argument added on the way to the origin; the query kept, and dropped",
    nginx: String.raw`
      rewrite ^/q/(\w+)$ /search?word=$1 break;
      rewrite ^/drop/(\w+)$ /search?word=$1? break;
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteRule ^/q/(\w+)$ /search?word=$1 [PT,QSA]
      RewriteRule ^/drop/(\w+)$ /search?word=$1 [PT]
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        rules: [
          { pattern: "^/q/(\\w+)$", rewrite: "/search?word=${1}&${query}", after: "break" },
          { pattern: "^/drop/(\\w+)$", rewrite: "/search?word=${1}" },
        ],
      },
    ],
    paths: ["/q/word", "/q/word?more=1", "/q/two/words", "/drop/word?more=1", "/drop/word", "/q/"],
  },
  {
    name: "assets",
    about: "versions taken out of the names of files",
    nginx: String.raw`
      rewrite ^/assets/(.+)\.\d+\.(css|js)$ /assets/$1.$2 break;
      rewrite ^/v(?<version>\d+)/(?<file>[\w.-]+)$ /assets/$file?version=$version break;
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteRule ^/assets/(.+)\.\d+\.(css|js)$ /assets/$1.$2 [PT]
      RewriteRule ^/v(\d+)/([\w.-]+)$ /assets/$2?version=$1 [PT,QSA]
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        rules: [
          { pattern: "^/assets/(.+)\\.\\d+\\.(css|js)$", rewrite: "/assets/${1}.${2}", after: "break" },
          {
            pattern: "^/v(?<version>\\d+)/(?<file>[\\w.-]+)$",
            rewrite: "/assets/${file}?version=${version}&${query}",
            after: "break",
          },
        ],
      },
    ],
    paths: [
      "/assets/site.1234.css",
      "/assets/a/b.min.77.js?x=y",
      "/assets/site.css",
      "/assets/site.x1.css",
      "/v3/site.css",
      "/v3/site.css?a=b",
      "/v3/a/site.css",
      "/vx/site.css",
    ],
  },
];
