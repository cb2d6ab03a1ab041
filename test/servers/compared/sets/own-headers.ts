/** Headers of answers that no origin gives, those of CORS, and those that say where a request has come from. */
import { apacheForwards, nginxForwards, type RuleSet } from "../rule-set.ts";
import { successful } from "./headers-compared.ts";

export const ownHeaderSets: readonly RuleSet[] = [
  {
    name: "mine",
    about: "headers of answers that no origin gives",
    isAskedPlainly: true,
    nginx: `
      add_header X-Served-By lb;
      add_header X-Always lb always;
      location /closed { return 403; }
      location /moved { return 301 http://mine.test/new; }
      ${nginxForwards}`,
    apache: `
      RewriteEngine On
      RewriteRule ^/closed - [F]
      RewriteRule ^/moved http://mine.test/new [R=301,L,QSD]
      Header always set X-Served-By lb "expr=%{REQUEST_STATUS} < 400"
      Header always set X-Always lb
      ${apacheForwards}`,
    weir: [
      {
        upstream: "site",
        headers: {
          response: { add: { "X-Served-By": { value: "lb", statuses: successful }, "X-Always": "lb" } },
        },
        rules: [
          { pattern: "^/closed", respond: 403 },
          { pattern: "^/moved", redirect: { to: "http://mine.test/new?", status: 301 } },
        ],
      },
    ],
    paths: ["/", "/closed?a", "/moved?a", "/status/404", "/status/206"],
    // Not what Weir says of its own answers: that they are neither kept nor guessed at.
    compares: { atClient: /^(?:x-(?!request-id$|content-type-options$)|access-control-|set-cookie$)/ },
  },
  {
    name: "cors",
    about: "which sites' scripts may read answers",
    isAskedPlainly: true,
    nginx: `
      proxy_hide_header Access-Control-Allow-Origin;
      add_header Access-Control-Allow-Origin https://app.test always;
      add_header Access-Control-Allow-Credentials true always;
      ${nginxForwards}`,
    apache: `
      Header unset Access-Control-Allow-Origin
      Header always set Access-Control-Allow-Origin https://app.test
      Header always set Access-Control-Allow-Credentials true
      ${apacheForwards}`,
    weir: [{ upstream: "site", cors: { origins: ["https://app.test"], credentials: true } }],
    paths: ["/a/b", "/status/404", "/status/500", "/status/301"],
    compares: { atClient: /^(?:x-(?!request-id$)|access-control-|set-cookie$|cache-control$)/ },
  },
  {
    name: "whence",
    about: "where the request has come from",
    isAskedPlainly: true,
    nginx: `
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Real-IP $remote_addr;
      ${nginxForwards}`,
    apache: `
      RequestHeader set X-Forwarded-Proto "expr=%{REQUEST_SCHEME}"
      RequestHeader set X-Real-IP "expr=%{REMOTE_ADDR}"
      ${apacheForwards}`,
    weir: [{ upstream: "site" }],
    paths: ["/a/b", "/?a=b", "/status/404", "/status/301"],
    compares: { atOrigin: /^x-(?:forwarded-(?:for|host|proto)|real-ip)$/ },
  },
];
