/** nginx with servers that differ in a few lines. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { freePort } from "../support/free-ports.ts";
import { startServerProcess, type ServerProcess } from "../support/server-process.ts";

export interface NginxCase {
  /** Begins the host's name. */
  readonly name: string;
  /** What stands in `server { }`, before a `location /` that forwards. */
  readonly nginx: string;
}

/** nginx with a server for each case, which forwards to the origin. It believes what the tests say of a client's address. */
export async function startNginxWith(
  cases: readonly NginxCase[],
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
