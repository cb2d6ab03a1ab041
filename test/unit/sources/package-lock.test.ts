/** That what `npm ci` installs is what was tried: each package of the lock file, on whatever platform, is pinned by its hash. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
}

const file = new URL("../../../package-lock.json", import.meta.url);
const { packages }: { packages: Record<string, Locked> } = JSON.parse(readFileSync(file, "utf8"));
const locked = Object.entries(packages).filter(([place]) => place !== "");

test("each package has its version and its SHA-512, also those of other platforms", () => {
  expect(locked.length).toBeGreaterThan(300);
  const sha512 = /^sha512-[A-Za-z0-9+/]{86}==$/;
  expect(locked.filter(([, { version, integrity }]) => !version || !sha512.test(integrity ?? ""))).toEqual(
    [],
  );
});

test("no package is bound to the registry that it came from", () => {
  expect(locked.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});
