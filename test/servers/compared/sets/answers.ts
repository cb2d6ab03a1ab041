/** Answers that no origin gives: a status, a text, a page; and pages in place of an origin's errors. */
import { allMethods } from "../kinds.ts";
import { apacheForwards, nginxForwards, type RuleSet } from "../rule-set.ts";

export const answerSets: readonly RuleSet[] = [
  {
    name: "answers",
    about: "a status, with a text or without",
    kinds: allMethods,
    nginx: `
      location = /robots.txt { default_type text/plain; return 200 "User-agent: *"; }
      location = /nothing { return 204; }
      location /gone/ { return 410; }
      location /paid/ { return 402 "for subscribers"; }
      location = /busy { return 503; }
      ${nginxForwards}`,
    apache: `
      Alias "/robots.txt" "FILES/robots.txt"
      ProxyPass "/robots.txt" "!"
      RewriteEngine On
      RewriteRule ^/nothing$ - [R=204]
      RewriteRule ^/gone/ - [G]
      RewriteRule ^/paid/ - [R=402]
      RewriteRule ^/busy$ - [R=503]
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        rules: [
          { exact: "/robots.txt", respond: { status: 200, body: "User-agent: *", type: "text/plain" } },
          { exact: "/nothing", respond: 204 },
          { pattern: "^/gone/", respond: 410 },
          { pattern: "^/paid/", respond: { status: 402, body: "for subscribers" } },
          { exact: "/busy", respond: 503 },
        ],
      },
    ],
    files: { "robots.txt": "User-agent: *" },
    paths: ["/gone/for/good", "/gone", "/robots.txt", "/robots.txt?a", "/nothing", "/paid/x", "/busy", "/"],
    compares: { body: /User-agent: \*|an answer/ },
  },
  {
    name: "maintenance",
    about: "a site that is closed, but for its assets",
    kinds: allMethods,
    nginx: `
      location /assets/ { proxy_pass http://ORIGIN; }
      location / { add_header Retry-After 3600 always; return 503; }`,
    apache: String.raw`
      RewriteEngine On
      RewriteRule !^/assets/ - [R=503]
      Header always set Retry-After 3600 "expr=%{REQUEST_STATUS} == 503"
      ${apacheForwards}`,
    weir: [
      { upstream: "site", maintenance: { retryAfter: "1h" } },
      { startsWith: "/assets/", upstream: "site" },
    ],
    paths: ["/a/b", "/", "/assets/site.css", "/assets/?a", "/assets"],
    compares: { atClient: /^retry-after$/ },
  },
  {
    name: "errors",
    about: "pages in place of the origin's errors",
    kinds: allMethods,
    nginx: `
      proxy_intercept_errors on;
      error_page 404 /errors/404.html;
      error_page 500 502 503 504 /errors/5xx.html;
      location /errors/ { internal; proxy_pass http://ORIGIN; }
      ${nginxForwards}`,
    apache: `
      ProxyErrorOverride On 404 500 502 503 504
      ErrorDocument 404 /errors/404.html
      ErrorDocument 500 /errors/5xx.html
      ErrorDocument 502 /errors/5xx.html
      ErrorDocument 503 /errors/5xx.html
      ErrorDocument 504 /errors/5xx.html
      ${apacheForwards}`,
    weir: [{ upstream: "errors" }],
    upstream: {
      errors: {
        intercept: [404, 500, "502-504"],
        pages: {
          404: { upstream: "site", path: "/errors/404.html" },
          "500-599": { upstream: "site", path: "/errors/5xx.html" },
        },
      },
    },
    paths: ["/status/404", "/status/500", "/status/503?a", "/status/403", "/status/201", "/status/301", "/"],
    compares: { body: /page \S+/ },
  },
];
