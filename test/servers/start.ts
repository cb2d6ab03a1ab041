/** Starts each of the servers on a free port, with files of its own to serve, and nothing of the machine's own configuration. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { python } from "./debian.ts";
import { freePort } from "../support/free-ports.ts";
import { startServerProcess, type ServerProcess } from "../support/server-process.ts";

/** @param folder an empty one, for its configuration and its pid. @param files what it serves. */
type Start = (folder: string, files: string) => Promise<ServerProcess>;

/** nginx: static files, gzip, listings, redirects, an answer of any status. */
export const startNginx: Start = async (folder, files) => {
  const port = await freePort();
  await mkdir(join(folder, "temp"));
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (of) => `${of}_temp_path temp/${of};`,
  );
  const configuration = `daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events { worker_connections 1024; }
http {
  ${temporary.join(" ")}
  access_log off; default_type application/octet-stream; types { text/html html; text/plain txt; text/css css; }
  server {
    listen 127.0.0.1:${port}; root ${files}; etag on;
    location /compressed/ { alias ${files}/; gzip on; gzip_min_length 1; gzip_types text/plain text/css; }
    location /list/ { alias ${files}/; autoindex on; }
    location = /old { return 301 /page.html; }
    location = /gone { return 410 "gone for good"; }
    location = /nothing { return 204; }
    location = /cookies { add_header Set-Cookie "a=1; Path=/"; add_header Set-Cookie "b=2; Path=/; HttpOnly"; return 200 ok; }
  }
}`;
  const file = join(folder, "nginx.conf");
  await writeFile(file, configuration);
  return startServerProcess("nginx", ["-p", folder, "-c", file, "-e", "stderr"], `http://127.0.0.1:${port}`);
};

/** Apache: static files, listings, and redirects to directories that name its own host. */
export const startApache: Start = async (folder, files) => {
  const port = await freePort();
  const modules = [
    "mpm_event",
    "authz_core",
    "dir",
    "mime",
    "autoindex",
    "alias",
    "deflate",
    "filter",
    "headers",
  ];
  const load = modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`);
  const configuration = `ServerRoot ${folder}
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile ${join(folder, "apache.pid")}
ErrorLog ${join(folder, "error.log")}
${load.join("\n")}
TypesConfig /etc/mime.types
DocumentRoot ${files}
<Directory ${files}>
  Options Indexes FollowSymLinks
  Require all granted
</Directory>
Redirect 302 /moved /page.html
<Location /compressed>
  SetOutputFilter DEFLATE
</Location>
Alias /compressed ${files}
FileETag MTime Size
`;
  const file = join(folder, "apache2.conf");
  await writeFile(file, configuration);
  return startServerProcess("apache2", ["-X", "-f", file], `http://127.0.0.1:${port}`);
};

/** Python's own: HTTP/1.0, a connection for each answer. */
export const startPython: Start = async (_, files) => {
  const port = await freePort();
  const args = ["-m", "http.server", String(port), "--bind", "127.0.0.1", "--directory", files];
  return startServerProcess(python, args, `http://127.0.0.1:${port}`);
};

/**
 * Django under uWSGI, in two processes (`site/shop.py`).
 * @param settingsFile Python with further settings; absent: the site's own, which allow any host.
 * @param module what uWSGI calls; another one than the site's own is looked for in `folder`.
 */
export const startDjango = async (
  folder: string,
  files: string,
  settingsFile?: string,
  module = "shop:application",
): Promise<ServerProcess> => {
  const port = await freePort();
  const site = fileURLToPath(new URL("site", import.meta.url));
  const args = [
    "--http-socket",
    `127.0.0.1:${port}`,
    "--module",
    module,
    "--pythonpath",
    site,
    "--pythonpath",
    folder,
    "--static-map",
    `/static=${files}`,
    "--env",
    "PYTHONDONTWRITEBYTECODE=1",
    ...(settingsFile === undefined ? [] : ["--env", `MORE_SETTINGS=${settingsFile}`]),
    // It ends the connection after each answer, and by itself would not say so (docs/http.md).
    "--add-header",
    "Connection: close",
    "--master",
    "--processes",
    "2",
    "--need-app",
    "--die-on-term",
    "--disable-logging",
    "--pidfile",
    join(folder, "uwsgi.pid"),
  ];
  return startServerProcess("uwsgi_python3", args, `http://127.0.0.1:${port}`);
};
