/**
 * Servers that are not part of this project, as Debian packages them: what passes through Weir must come out as they meant it.
 * On Debian, `npm run servers` installs them as root. Where a server is missing, its tests are skipped and counted as skipped.
 */
import { spawnSync } from "node:child_process";
import { environment } from "../support/debian-program.ts";

export const packages = [
  "nginx",
  "apache2",
  "uwsgi-core",
  "uwsgi-plugin-python3",
  "python3-django",
  "supervisor",
  "gunicorn",
  "php-cli",
  "openssl",
];

/** Debian's own: another one that comes first in PATH does not know Debian's packages. */
export const python = "/usr/bin/python3";

const answers = (command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, args, { env: environment, stdio: "ignore" }).status === 0;
const said = (command: string, ...args: readonly string[]): string =>
  spawnSync(command, args, { env: environment, encoding: "utf8" }).stdout ?? "";

/** Apache 2.4.60 began to refuse rewrites that it took before (CVE-2024-38474), so what is said of it holds for no older one. */
function isApacheOfToday(): boolean {
  const [, minor = "0", patch = "0"] = /Apache\/2\.(\d+)\.(\d+)/.exec(said("apache2", "-v")) ?? [];
  return Number(minor) * 1_000 + Number(patch) >= 4_060;
}

/** What of it is on this machine. */
export const isInstalled = {
  nginx: answers("nginx", "-v"),
  apache: answers("apache2", "-v"),
  apacheOfToday: isApacheOfToday(),
  python: answers(python, "--version"),
  openssl: answers("openssl", "version"),
  django: answers("uwsgi_python3", "--version") && answers(python, "-c", "import django"),
  supervisor: answers("/usr/bin/supervisord", "--version"),
  gunicorn: answers("/usr/bin/gunicorn", "--version"),
  php: answers("php", "--version"),
};
