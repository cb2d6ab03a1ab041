/** Rules and locations as an nginx.conf has them, and the same as routes of Weir: each case gets a host of its own in both. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { WeirRoute } from "../../worker/config/weir-config.ts";
import { freePort } from "../support/free-ports.ts";
import { startServerProcess, type ServerProcess } from "../support/server-process.ts";

export interface RuleCase {
  /** Begins the host's name. */
  readonly name: string;
  /** What stands in nginx's `server { }`, before a `location /` that forwards. */
  readonly nginx: string;
  /** Of the only route. */
  readonly weir: NonNullable<WeirRoute["rules"]>;
}

export interface LocationCase extends Pick<RuleCase, "name" | "nginx"> {
  /** Beside one for all other requests. */
  readonly routes: readonly WeirRoute[];
}

/** Of nginx's locations an exact one goes first, then the longest prefix if it is `^~`, then regular expressions, then the longest prefix. */
export const locationCases: readonly LocationCase[] = [
  {
    name: "locations",
    nginx: `location = /api { return 410; }
      location /api { return 404; }
      location ^~ /download/ { return 403; }
      location ~ "/media/|x$" { return 409; }
      location ~ ^/user/(?<number>\\d+)$ { return 302 /u/$number; }
      location /user { return 405; }
      location /q/ { return 406; }
      location = /q/word { proxy_pass $origin; }`,
    routes: [
      { exact: "/api", precedence: 2, rules: [{ respond: 410 }] },
      { startsWith: "/api", rules: [{ respond: 404 }] },
      { startsWith: "/download/", precedence: 2, rules: [{ respond: 403 }] },
      { pattern: "/media/|x$", precedence: 1, rules: [{ respond: 409 }] },
      { pattern: "^/user/(?<number>\\d+)$", precedence: 1, rules: [{ redirect: "/u/${number}?" }] },
      { startsWith: "/user", rules: [{ respond: 405 }] },
      { startsWith: "/q/", rules: [{ respond: 406 }] },
      { exact: "/q/word", precedence: 2, upstream: "site" },
    ],
  },
];

export const ruleCases: readonly RuleCase[] = [
  {
    name: "media",
    nginx: `location ~ /mp3/ { proxy_pass $origin; }
      location /download/ {
        rewrite ^(/download/.*)/media/(\\w+)\\.?.*$ $1/mp3/$2.mp3 last;
        rewrite ^(/download/.*)/audio/(\\w+)\\.?.*$ $1/mp3/$2.ra last;
        return 403; }`,
    weir: [
      { pattern: "/mp3/", rewrite: "${path}", after: "break" },
      { pattern: "^(/download/.*)/media/(\\w+)\\.?.*$", rewrite: "${1}/mp3/${2}.mp3", after: "break" },
      { pattern: "^(/download/.*)/audio/(\\w+)\\.?.*$", rewrite: "${1}/mp3/${2}.ra", after: "break" },
      { prefix: "/download/x", rewrite: "${path}" },
      { pattern: "^/download/", respond: 403 },
    ],
  },
  {
    name: "www",
    nginx: "return 301 http://www.example.com$request_uri;",
    weir: [{ redirect: { to: "http://www.example.com${path}", status: 301 } }],
  },
  {
    name: "secure",
    nginx: "return 308 https://$host$request_uri;",
    weir: [{ redirect: { to: "https://secure.test${path}", status: 308 } }],
  },
  {
    name: "moved",
    nginx: `rewrite ^/old/(.*)$ /new/$1 permanent;
      rewrite ^/tmp/(.*)$ /temporary/$1? redirect;
      rewrite ^/user/(\\d+)$ /profile?id=$1 redirect;`,
    weir: [
      { pattern: "^/old/(.*)$", redirect: { to: "/new/${1}", status: 301 } },
      { pattern: "^/tmp/(.*)$", redirect: "/temporary/${1}?" },
      { pattern: "^/user/(\\d+)$", redirect: "/profile?id=${1}&${query}" },
    ],
  },
  {
    name: "strip",
    nginx: "rewrite ^/api/(.*)$ /$1 break; rewrite ^/api$ / break;",
    weir: [{ prefix: "/api", rewrite: "${rest}" }],
  },
  {
    name: "query",
    nginx: `rewrite ^/q/(\\w+)$ /search?word=$1 break;
      rewrite ^/drop/(\\w+)$ /search?word=$1? break;`,
    weir: [
      { pattern: "^/q/(\\w+)$", rewrite: "/search?word=${1}&${query}" },
      { pattern: "^/drop/(\\w+)$", rewrite: "/search?word=${1}" },
    ],
  },
  {
    name: "next",
    nginx: "rewrite ^/a/(.*)$ /b/$1; rewrite ^/b/(.*)$ /c/$1; if ($request_method = DELETE) { return 405; }",
    weir: [
      { prefix: "/a", rewrite: "/b${rest}" },
      { prefix: "/b", rewrite: "/c${rest}" },
      { when: { methods: ["DELETE"] }, respond: 405 },
    ],
  },
  {
    name: "agents",
    nginx: `if ($http_user_agent ~* "bot|crawl") { return 403; }
      if ($arg_debug = 1) { return 404; }
      if ($cookie_beta) { rewrite ^(.*)$ /beta$1 break; }`,
    weir: [
      { when: { headers: { "User-Agent": { pattern: "(?i)bot|crawl" } } }, respond: 403 },
      { when: { query: { debug: "1" } }, respond: 404 },
      { when: { cookies: { beta: true } }, rewrite: "/beta${path}" },
    ],
  },
  {
    name: "answers",
    nginx: `location = /robots.txt { default_type text/plain; return 200 "User-agent: *"; }
      location = /nothing { return 204; }
      location /gone { return 410; }`,
    weir: [
      { exact: "/robots.txt", respond: { status: 200, body: "User-agent: *", type: "text/plain" } },
      { exact: "/nothing", respond: 204 },
      { prefix: "/gone", respond: 410 },
    ],
  },
];

/** nginx with a server for each case, which forwards to the origin. It believes what the tests say of a client's address. */
export async function startNginxWith(
  cases: readonly Pick<RuleCase, "name" | "nginx">[],
  folder: string,
  origin: string,
): Promise<ServerProcess> {
  const port = await freePort();
  await mkdir(join(folder, "temp"), { recursive: true });
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (of) => `${of}_temp_path temp/${of};`,
  );
  const servers = cases.map(
    ({ name, nginx }) => `server {
    listen 127.0.0.1:${port}; server_name ${name}.test; absolute_redirect off; merge_slashes on;
    set $origin ${origin}; set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;
    proxy_set_header Host ${name}.test;
    ${nginx}
    location / { proxy_pass ${origin}; }
  }`,
  );
  const file = join(folder, "nginx.conf");
  await writeFile(
    file,
    `daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events { worker_connections 256; }
http {
  ${temporary.join(" ")}
  access_log off;
  ${servers.join("\n")}
}`,
  );
  return startServerProcess("nginx", ["-p", folder, "-c", file, "-e", "stderr"], `http://127.0.0.1:${port}`);
}
