/**
 * Programs that Debian packages: the load generator, the proxies that Weir is measured beside, the servers that it is tested in
 * front of. They are installed where that needs no more than asking, as root on a Debian; elsewhere it is said what to do.
 */
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { ExpectedError } from "../../cli/expected-error.ts";

export interface DebianProgram {
  /** Of the command and of the package. */
  readonly name: string;
  /** In a few words, for messages. */
  readonly purpose: string;
  /** The arguments with which it says its version, on either output. */
  readonly askVersion: readonly string[];
  /** Finds the version in that. */
  readonly version: RegExp;
  /** Where others than Debian's users get it. */
  readonly home: string;
}

/** Servers are in `/usr/sbin`, where not every user's shell looks. */
export const environment = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin` };

/**
 * Makes sure that it is there, and returns its version.
 * @throws ExpectedError that says how to install it.
 */
export function requireProgram(program: DebianProgram): string {
  const { name, purpose, home } = program;
  const version = versionOf(program);
  if (version !== undefined) return version;
  if (process.getuid?.() === 0) {
    console.error(`${name}, ${purpose}, is missing: apt-get install -y ${name}`);
    installPackages([name]);
    const installed = versionOf(program);
    if (installed !== undefined) return installed;
  }
  throw new ExpectedError(
    `${name}, ${purpose}, is not installed.`,
    `sudo apt-get update && sudo apt-get install -y ${name}   (elsewhere: ${home})`,
  );
}

function versionOf({ name, askVersion, version }: DebianProgram): string | undefined {
  const { error, stdout, stderr } = spawnSync(name, askVersion, { encoding: "utf8", env: environment });
  return error === undefined ? version.exec(stdout + stderr)?.[1] : undefined;
}

/**
 * Whether Debian's packages of these names are there in the end. A fresh container has no list of packages yet, so where the
 * first try fails the list is fetched.
 */
export function installPackages(names: readonly string[]): boolean {
  const args = ["install", "-y", "--no-install-recommends", ...names];
  let installed = false;
  withoutServices(() => {
    installed = apt(...args) || (apt("update") && apt(...args));
  });
  // Nor do they start with the machine's next boot. Fails where there is no systemd, and no such service.
  for (const name of names) spawnSync("systemctl", ["disable", name], { stdio: "ignore" });
  return installed;
}

function apt(...args: readonly string[]): boolean {
  const env = { ...environment, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync("apt-get", args, { stdio: ["ignore", "ignore", "inherit"], env }).status === 0;
}

/** Debian starts what it installs, unless this script forbids it (101; see invoke-rc.d(8)). */
const policy = "/usr/sbin/policy-rc.d";

function withoutServices(work: () => void): void {
  try {
    writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755, flag: "wx" });
  } catch {
    // The machine has a policy of its own.
    return work();
  }
  try {
    work();
  } finally {
    rmSync(policy);
  }
}
