/** nginx and Apache, each with a host for every set of rules, and nothing of the machine's own configuration. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../support/free-ports.ts";
import { startServerProcess, type ServerProcess } from "../../support/server-process.ts";
import { hostOf, type RuleSet } from "./rule-set.ts";

export interface ComparedServerOptions {
  readonly sets: readonly RuleSet[];
  /** Address and port. */
  readonly origin: string;
  /** An empty one. */
  readonly folder: string;
}

async function writeFiles(sets: readonly RuleSet[], folder: string): Promise<void> {
  const files = sets.flatMap(({ files = {} }) => Object.entries(files));
  await Promise.all(files.map(([name, text]) => writeFile(join(folder, name), text)));
}

export async function startComparedNginx({
  sets,
  origin,
  folder,
}: ComparedServerOptions): Promise<ServerProcess> {
  const port = await freePort();
  await writeFiles(sets, folder);
  await mkdir(join(folder, "temp"), { recursive: true });
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (of) => `${of}_temp_path temp/${of};`,
  );
  const servers = sets.map(
    (set) => `server {
    listen 127.0.0.1:${port};
    server_name ${hostOf(set)};
    ${set.nginx.replaceAll("ORIGIN", origin).replaceAll("FILES", folder)}
  }`,
  );
  const file = join(folder, "nginx.conf");
  await writeFile(
    file,
    `daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events { worker_connections 256; }
http {
  ${temporary.join(" ")}
  access_log off; port_in_redirect off; keepalive_requests 100000;
  ${servers.join("\n")}
}`,
  );
  return startServerProcess("nginx", ["-p", folder, "-c", file, "-e", "stderr"], `http://127.0.0.1:${port}`);
}

const modules = [
  "mpm_event",
  "access_compat",
  "alias",
  "auth_basic",
  "authn_core",
  "authn_file",
  "authz_core",
  "authz_host",
  "authz_user",
  "headers",
  "mime",
  "proxy",
  "proxy_http",
  "rewrite",
  "setenvif",
];

export async function startComparedApache({
  sets,
  origin,
  folder,
}: ComparedServerOptions): Promise<ServerProcess> {
  const port = await freePort();
  await writeFiles(sets, folder);
  const load = modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`);
  const hosts = sets.map(
    (set) => `<VirtualHost 127.0.0.1:${port}>
  ServerName ${hostOf(set)}
  ${set.apache.replaceAll("ORIGIN", origin).replaceAll("FILES", folder)}
</VirtualHost>`,
  );
  const file = join(folder, "apache2.conf");
  await writeFile(
    file,
    `ServerRoot ${folder}
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile ${join(folder, "apache.pid")}
ErrorLog /dev/null
MaxKeepAliveRequests 0
KeepAliveTimeout 30
${load.join("\n")}
TypesConfig /etc/mime.types
DocumentRoot ${folder}
${hosts.join("\n")}
`,
  );
  return startServerProcess("apache2", ["-X", "-f", file], `http://127.0.0.1:${port}`);
}
