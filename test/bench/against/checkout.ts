/**
 * Another state of the project beside this one, as a git worktree, so that its rungs can be built and started from its own files.
 * It runs with this checkout's packages: what is compared is the code alone, on one workerd.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ExpectedError } from "../../../cli/expected-error.ts";
import type { Rung } from "../rung.ts";

export interface Checkout {
  /** In full. */
  readonly commit: string;
  /** Its lock file names other packages than those that it runs with. */
  readonly hasOtherPackages: boolean;
  /** Of its own benchmark. */
  readonly rungs: readonly Rung[];
  readonly remove: () => void;
}

const root = join(import.meta.dirname, "../../..");

/** Where a checkout has its rungs of Weir, and the names of these. Since e865157 at the latest. */
const rungFiles = { weirStrict: "weir-strict.ts", weirLeased: "weir-leased.ts" } as const;

/**
 * Checks the reference out.
 * @param dir where nothing is yet.
 * @throws ExpectedError if git knows no such commit, or that commit has no such rungs.
 */
export async function checkOut(ref: string, dir: string): Promise<Checkout> {
  const commit = resolveCommit(ref);
  git("worktree", "add", "--quiet", "--detach", dir, commit);
  const remove = (): void => void git("worktree", "remove", "--force", dir);
  try {
    await symlink(join(root, "node_modules"), join(dir, "node_modules"));
    const [ours, theirs] = [root, dir].map((tree) => readFileSync(join(tree, "package-lock.json"), "utf8"));
    return { commit, hasOtherPackages: ours !== theirs, rungs: await rungsOf(dir, ref), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function resolveCommit(ref: string): string {
  try {
    return git("rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`);
  } catch {
    throw new ExpectedError(
      `--against is "${ref}"; expected a commit, a branch or a tag that git knows here.`,
    );
  }
}

async function rungsOf(dir: string, ref: string): Promise<Rung[]> {
  return Promise.all(
    Object.entries(rungFiles).map(async ([name, file]) => {
      try {
        const module = await import(pathToFileURL(join(dir, "test/bench/rungs", file)).href);
        return module[name] as Rung;
      } catch (error) {
        throw new ExpectedError(
          `--against ${ref} cannot be compared: its rung ${file} does not load. ${String(error)}`,
        );
      }
    }),
  );
}

function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}
