/**
 * nginx.conf, for nginx in Weir's place: the instances at home in turn, those of the cloud where none of home answers. A server
 * is drained by `down` and a reload: https://nginx.org/en/docs/http/ngx_http_upstream_module.html#server
 */
import { join } from "node:path";
import { filesOf, type Setup } from "./setup.ts";

/** @param drained names of instances that are to get no new requests. */
export function nginxConf(setup: Setup, drained: ReadonlySet<string> = new Set()): string {
  const { folder, frontPort, instances } = setup;
  const servers = instances.map(({ name, port, pool }) => {
    const flags = [...(pool === "cloud" ? ["backup"] : []), ...(drained.has(name) ? ["down"] : [])];
    return `    server ${[`127.0.0.1:${port}`, ...flags].join(" ")};`;
  });
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (use) => `  ${use}_temp_path ${join(folder, `nginx-${use}`)};`,
  );
  // Its workers would be another user than root, who may not read the folder.
  const user = process.getuid?.() === 0 ? "user root;\n" : "";
  return `daemon off;
${user}pid ${join(folder, "nginx.pid")};
error_log ${join(filesOf(setup).logs, "nginx-error.log")};

events {
  worker_connections 1024;
}

http {
  access_log off;
  client_max_body_size 32m;
${temporary.join("\n")}

  upstream site {
${servers.join("\n")}
  }

  server {
    listen 127.0.0.1:${frontPort};

    location / {
      proxy_pass http://site;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`;
}
