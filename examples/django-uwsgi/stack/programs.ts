/** The programs that the example is made of, as Debian packages them: what is missing is said before anything is started. */
import { spawnSync } from "node:child_process";
import { ExpectedError } from "../../../cli/expected-error.ts";
import type { Front } from "../setup/setup.ts";

/** Servers are in `/usr/sbin`, where not every user's shell looks. Debian's Python modules are known to Debian's Python only. */
export const environment = { ...process.env, PATH: `/usr/bin:/usr/sbin:${process.env["PATH"]}` };

const answers = (command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, args, { env: environment, stdio: "ignore" }).status === 0;

/** Names of Debian's packages that are not here. */
export function missingPackages(front: Front): readonly string[] {
  const found = [
    ["supervisor", () => answers("/usr/bin/supervisord", "--version")],
    ["uwsgi-core uwsgi-plugin-python3", () => answers("uwsgi", "--plugins", "python3", "--version")],
    ["python3-django", () => answers("/usr/bin/python3", "-c", "import django")],
    ...(front === "nginx" ? ([["nginx", () => answers("nginx", "-v")]] as const) : []),
  ] as const;
  return found.flatMap(([names, isHere]) => (isHere() ? [] : [names]));
}

/** @throws ExpectedError if something is missing, with the command that installs it. */
export function requirePackages(front: Front): void {
  const missing = missingPackages(front);
  if (missing.length === 0) return;
  throw new ExpectedError(
    `The example needs programs that are not installed: ${missing.join(", ")}.`,
    `As root on a Debian: npm run servers, or apt-get install ${missing.join(" ")}`,
  );
}
