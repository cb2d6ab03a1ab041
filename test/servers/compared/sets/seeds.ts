/**
 * The examples of docs/moving.md: downloads rewritten with all else refused, and a host that is sent to its `www`. Weir's side of them is the page's own config; and that of
 * docs/rewriting.md for the same rules in a location.
 */
import type { WeirConfig, WeirRoute } from "../../../../worker/config/weir-config.ts";
import { wholeConfigs } from "../../../support/doc-configs.ts";
import { allMethods } from "../kinds.ts";
import { apacheForwards, nginxForwards, type RuleSet } from "../rule-set.ts";

const page = wholeConfigs.find(({ at }) => at.startsWith("docs/moving.md:"));
const shown: WeirConfig = JSON.parse(JSON.stringify(page?.config));
const routesOf = (host: string): readonly WeirRoute[] => shown.routes.filter((route) => route.host === host);

const downloads = [
  "/download/cdn-west/media/file1",
  "/download/cdn-west/media/file1.flv",
  "/download/a/b/audio/song.wav?x=1",
  "/download/a/media/b-c",
  "/download/cdn-west/mp3/file1.mp3",
  "/download/a/media/",
  "/other",
  "/",
];

export const seedSets: readonly RuleSet[] = [
  {
    name: "media.example.org",
    about: "downloads rewritten, all else refused",
    kinds: allMethods,
    nginx: String.raw`
      rewrite ^(/download/.*)/media/(\w+)\.?.*$ $1/mp3/$2.mp3 last;
      rewrite ^(/download/.*)/audio/(\w+)\.?.*$ $1/mp3/$2.ra  last;
      return 403;
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteRule ^(/download/.*)/media/(\w+)\.?.*$ $1/mp3/$2.mp3 [PT]
      RewriteRule ^(/download/.*)/audio/(\w+)\.?.*$ $1/mp3/$2.ra [PT]
      RewriteRule ^ - [F]
      ${apacheForwards}`,
    weir: routesOf("media.example.org"),
    paths: downloads,
  },
  {
    name: "example.org",
    about: "a host sent to its www",
    nginx: "return 301 http://www.example.org$request_uri;",
    apache: `
      RewriteEngine On
      RewriteCond %{HTTP_HOST} example.org
      RewriteRule (.*) http://www.example.org$1 [R=301,L]`,
    weir: routesOf("example.org"),
    paths: ["/a/b", "/", "/a?b=c&d", "/%7Euser/", "/search?q=a%26b+c", "/a/b/"],
  },
  {
    name: "www.example.org",
    about: "all of it forwarded",
    nginx: nginxForwards,
    apache: apacheForwards,
    weir: routesOf("www.example.org"),
    paths: ["/a/b", "/", "/a?b=c&d", "/a/?q=%2F..", "/%7Euser/", "/status/404", "/status/500"],
  },
  {
    name: "downloads",
    about: "downloads rewritten in a location, from where `last` leads to another one",
    nginx: String.raw`
      location ~ ^/download/.*/mp3/ { proxy_pass http://ORIGIN; }
      location /download/ {
        rewrite ^(/download/.*)/media/(\w+)\.?.*$ $1/mp3/$2.mp3 last;
        rewrite ^(/download/.*)/audio/(\w+)\.?.*$ $1/mp3/$2.ra  last;
        return 403;
      }
      ${nginxForwards}`,
    apache: String.raw`
      RewriteEngine On
      RewriteRule ^/download/.*/mp3/ - [PT]
      RewriteRule ^(/download/.*)/media/(\w+)\.?.*$ $1/mp3/$2.mp3 [PT]
      RewriteRule ^(/download/.*)/audio/(\w+)\.?.*$ $1/mp3/$2.ra [PT]
      RewriteRule ^/download/ - [F]
      ${apacheForwards}`,
    weir: [
      { upstream: "site" },
      {
        startsWith: "/download/",
        upstream: "site",
        rules: [
          { pattern: "^/download/.*/mp3/", rewrite: "${path}", after: "break" },
          { pattern: "^(/download/.*)/media/(\\w+)\\.?.*$", rewrite: "${1}/mp3/${2}.mp3", after: "break" },
          { pattern: "^(/download/.*)/audio/(\\w+)\\.?.*$", rewrite: "${1}/mp3/${2}.ra", after: "break" },
          { respond: 403 },
        ],
      },
    ],
    paths: downloads,
  },
];
