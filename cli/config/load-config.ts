/** From a config file to a config, or to an error that says all that is wrong with it. */
import { resolve } from "node:path";
import type { Target } from "../../core/protocol/config-section.ts";
import type { Config } from "../../worker/config/sections/config.ts";
import { envNames, type Lookup } from "../../worker/config/parse/interpolate.ts";
import type { ConfigIssue } from "../../worker/config/parse/issue.ts";
import { loadPatterns } from "../../worker/config/kinds/pattern.ts";
import { parseConfig } from "../../worker/config/parse/parse.ts";
import { ExpectedError } from "../expected-error.ts";
import { displayPath } from "../terminal/display-path.ts";
import { errorWidth } from "../terminal/error.ts";
import { issuesText } from "./issues-text.ts";
import { locatedIssues, type LocatedIssue } from "./located-issues.ts";
import { literalSecrets } from "./literal-secrets.ts";
import { readConfigFile } from "./read-config-file.ts";
import { configWarnings } from "./warnings.ts";

export interface LoadedConfig {
  readonly file: string;
  readonly config: Config;
  /** The target that the file asks for: another one than `config.target` if it runs elsewhere. */
  readonly writtenTarget: Target;
  /** What is allowed, but is seldom meant. */
  readonly warnings: readonly LocatedIssue[];
  /** Issues of this config that were found later, with their places in the file. */
  readonly locate: (issues: readonly ConfigIssue[]) => Promise<readonly LocatedIssue[]>;
  /** Names in `${ENV:NAME}`, and where each is used. */
  readonly env: readonly { readonly name: string; readonly paths: readonly string[] }[];
}

/**
 * Loads a config file: the default export of `.ts`, `.js`, `.mjs`, or JSON, with comments or without.
 * @param lookupFor what `${ENV:NAME}` stands for in this config.
 * @param runsOn where it will run, if that is not for the file to say: it is then judged as a config of this target.
 * @throws ExpectedError if there is no such file, it cannot be read as what it is, or the config has issues: all of
 *   them, each with its place, its path, what was found and what was expected.
 */
export async function loadConfig(
  file: string,
  lookupFor: (raw: unknown) => Lookup,
  runsOn?: Target,
): Promise<LoadedConfig> {
  const { raw, places } = await readConfigFile(file);
  await loadPatterns();
  const locate = async (issues: readonly ConfigIssue[]): Promise<readonly LocatedIssue[]> =>
    issues.length === 0 ? [] : locatedIssues(issues, file, await places());
  const lookup = lookupFor(raw);
  const parsed = parseConfig(runsOn === undefined ? raw : withTarget(raw, runsOn), lookup);
  if (!parsed.ok) {
    const issues = await locate(parsed.issues);
    const count = issues.length === 1 ? "an issue" : `${issues.length} issues`;
    throw new ExpectedError(
      `${displayPath(file)} has ${count}:\n\n${issuesText(issues, errorWidth())}`,
      runsOn === undefined ? localHint(raw, lookup, issues.length) : undefined,
    );
  }
  const { config } = parsed;
  return {
    file: resolve(file),
    config,
    writtenTarget: targetOf(raw) ?? config.target,
    warnings: await locate([...literalSecrets(raw), ...configWarnings(config)]),
    locate,
    env: envNames(raw),
  };
}

/** The config with another target, unless its own is not a target at all: that is an issue, and must be seen. */
function withTarget(raw: unknown, target: Target): unknown {
  return targetOf(raw) === undefined ? raw : { ...Object(raw), target };
}

/** What is written, or the default; `undefined`: something else, or no config. */
function targetOf(raw: unknown): Target | undefined {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return undefined;
  const target: unknown = "target" in raw ? raw.target : undefined;
  if (target === undefined || target === "edge") return "edge";
  return target === "workerd" ? target : undefined;
}

/** Some issues hold only at the edge. A config that is not for the edge should say so. */
function localHint(raw: unknown, lookup: Lookup, count: number): string | undefined {
  if (targetOf(raw) !== "edge") return undefined;
  const here = parseConfig(withTarget(raw, "workerd"), lookup);
  const fewer = here.ok || here.issues.length < count;
  return fewer ? 'For a machine of your own, not Cloudflare, write: target: "workerd"' : undefined;
}
