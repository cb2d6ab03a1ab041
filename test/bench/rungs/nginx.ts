/**
 * nginx with the floor's duties, in one process without a master: as many threads as workerd has. It logs the
 * same fields to `/dev/null`, one write a request.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../support/free-ports.ts";
import { startServerProcess } from "../../support/server-process.ts";
import type { Rung } from "../rung.ts";
import { claims, hopByHop } from "./end-to-end.js";

export const nginx: Rung = {
  name: "nginx",
  what: "nginx, one process",
  needs: {
    name: "nginx",
    purpose: "a proxy to compare with",
    askVersion: ["-v"],
    version: /nginx\/(\S+)/,
    home: "https://nginx.org",
  },
  async start(origin, workDir) {
    const port = await freePort();
    const configFile = join(workDir, "nginx.conf");
    await mkdir(join(workDir, "temp"));
    await writeFile(configFile, configText(port, new URL(origin.url).host));
    const args = ["-p", workDir, "-c", configFile, "-e", "stderr"];
    return startServerProcess("nginx", args, `http://127.0.0.1:${port}`);
  },
};

/** Connections are kept alive without end on both sides, as the other rungs keep them. */
function configText(port: number, originHost: string): string {
  const removed = [...hopByHop, ...claims].map((name) => `proxy_set_header ${name} "";`);
  return `daemon off;
master_process off;
pid nginx.pid;
error_log stderr crit;

events {
  worker_connections 20480;
}

http {
  log_format request escape=json
    '{"event":"request","requestId":"$request_id","method":"$request_method","host":"$host","path":"$uri",'
    '"attempts":1,"upstream":"bench","pool":"on-prem","origin":"origin","mode":"none","status":$status,'
    '"body":"$request_completion","duration":$request_time}';
  access_log /dev/null request;

  client_body_temp_path temp/client;
  proxy_temp_path temp/proxy;
  fastcgi_temp_path temp/fastcgi;
  uwsgi_temp_path temp/uwsgi;
  scgi_temp_path temp/scgi;

  tcp_nodelay on;
  keepalive_requests 1000000000;

  upstream origin {
    server ${originHost} max_fails=0;
    keepalive 10000;
    keepalive_requests 1000000000;
  }

  server {
    listen 127.0.0.1:${port} backlog=4096;

    location / {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_redirect off;
      proxy_connect_timeout 15s;
      proxy_read_timeout 15s;
      proxy_max_temp_file_size 0;

      ${removed.join("\n      ")}
      proxy_set_header Host ${originHost};
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Request-Id $request_id;
      proxy_hide_header X-Request-Id;
      add_header X-Request-Id $request_id always;
    }
  }
}
`;
}
