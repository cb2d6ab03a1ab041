/**
 * Programs that Debian packages: the load generator, and the proxies that Weir is measured beside. They are
 * installed where that needs no more than asking, as root on a Debian; elsewhere the benchmark says what to do.
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
    install(name);
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

/** A fresh container has no list of packages yet, so where the first try fails the list is fetched. */
function install(name: string): void {
  withoutServices(() => {
    if (!apt("install", "-y", "--no-install-recommends", name)) {
      apt("update");
      apt("install", "-y", "--no-install-recommends", name);
    }
  });
  // Nor does it start with the machine's next boot. Fails where there is no systemd, and no such service.
  spawnSync("systemctl", ["disable", name], { stdio: "ignore" });
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
