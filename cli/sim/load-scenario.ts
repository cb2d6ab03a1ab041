/** Reads a scenario, with what the command line puts in the place of its own policies, loads and seeds. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parseScenario } from "../../sim/scenario/parse.ts";
import type { Scenario } from "../../sim/scenario/scenario.ts";
import { strategyNames } from "../../sim/strategies/registry.ts";
import { nearest } from "../../worker/config/parse/nearest.ts";
import type { FindPlace } from "../config/file-place.ts";
import { issuesText } from "../config/issues-text.ts";
import { locatedIssues } from "../config/located-issues.ts";
import { readJson } from "../config/read-json.ts";
import { ExpectedError } from "../expected-error.ts";
import { projectDir } from "../project.ts";
import { displayPath } from "../terminal/display-path.ts";
import { errorWidth } from "../terminal/error.ts";
import type { SimOptions } from "./sim.ts";

/** @throws {ExpectedError} if there is no such file or policy, or with every issue of the scenario. */
export function loadScenario({ scenario: file, policy, load, seeds }: SimOptions): Scenario {
  if (file === undefined) throw new ExpectedError("No scenario was named: --scenario FILE.json", shipped());
  refuseUnknown(policy ?? []);
  const { written, find } = readObject(file);
  const raw = { ...written, ...(load && { loads: load }), ...(policy && { policies: policy }) };
  const parsed = parseScenario(raw, (path) => readTrace(resolve(dirname(file), path)), strategyNames);
  if (parsed.ok) return { ...parsed.scenario, ...(seeds !== undefined && { seeds }) };
  // What the command line has put there is not in the file.
  const inFile: FindPlace = (path, isKey) =>
    (load && path[0] === "loads") || (policy && path[0] === "policies") ? undefined : find(path, isKey);
  const issues = locatedIssues(parsed.issues, file, inFile);
  const count = issues.length === 1 ? "an issue" : `${issues.length} issues`;
  const flags = [...(load ? ["--load"] : []), ...(policy ? ["--policy"] : [])];
  const subject = [displayPath(file), ...(flags.length > 0 ? [`with ${flags.join(" and ")}`] : [])].join(" ");
  throw new ExpectedError(
    `${subject} has ${count}:\n\n${issuesText(issues, errorWidth())}`,
    "The format: docs/simulator.md.",
  );
}

function refuseUnknown(policies: readonly string[]): void {
  const unknown = policies.filter((name) => !strategyNames.includes(name));
  if (unknown.length === 0) return;
  const meant = unknown.map((name) => nearest(name, strategyNames)).join(", ");
  throw new ExpectedError(
    `There is no policy ${unknown.map((name) => JSON.stringify(name)).join(", ")}. Known: ${strategyNames.join(", ")}.`,
    `Did you mean ${meant}?`,
  );
}

/** An object to be spread: whatever else the file holds goes to the check as it is. */
function readObject(file: string): { readonly written: object; readonly find: FindPlace } {
  if (!existsSync(file)) throw new ExpectedError(`There is no scenario ${file}.`, shipped());
  if (statSync(file).isDirectory())
    throw new ExpectedError(`${file} is a folder, not a scenario.`, shipped());
  const { value, find } = readJson(file);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { written: value, find };
  throw new ExpectedError(
    `${file} holds no scenario: found ${JSON.stringify(value).slice(0, 80)}; expected an object.`,
  );
}

function readTrace(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function shipped(): string {
  const folder = join(projectDir, "sim", "scenarios");
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  const list = files.map((file) => `  ${relative("", join(folder, file))}`).join("\n");
  return `There are:\n\n${list}\n\nWrite your own: docs/simulator.md.`;
}
