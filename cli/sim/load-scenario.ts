/** Reads a scenario, with what the command line puts in the place of its own policies, loads and seeds. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parseScenario } from "../../sim/scenario/parse.ts";
import type { Scenario } from "../../sim/scenario/scenario.ts";
import { strategyNames } from "../../sim/strategies/registry.ts";
import { nearest } from "../../worker/config/parse/nearest.ts";
import { issuesText } from "../config/issues-text.ts";
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
  const raw = { ...readObject(file), ...(load && { loads: load }), ...(policy && { policies: policy }) };
  const parsed = parseScenario(raw, (path) => readTrace(resolve(dirname(file), path)), strategyNames);
  if (parsed.ok) return { ...parsed.scenario, ...(seeds !== undefined && { seeds }) };
  const count = parsed.issues.length === 1 ? "an issue" : `${parsed.issues.length} issues`;
  const flags = [...(load ? ["--load"] : []), ...(policy ? ["--policy"] : [])];
  const subject = [displayPath(file), ...(flags.length > 0 ? [`with ${flags.join(" and ")}`] : [])].join(" ");
  throw new ExpectedError(
    `${subject} has ${count}:\n\n${issuesText(parsed.issues, errorWidth())}`,
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
function readObject(file: string): object {
  if (!existsSync(file)) throw new ExpectedError(`There is no scenario ${file}.`, shipped());
  if (statSync(file).isDirectory())
    throw new ExpectedError(`${file} is a folder, not a scenario.`, shipped());
  const parsed = readJson(file);
  if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed;
  throw new ExpectedError(
    `${file} holds no scenario: found ${JSON.stringify(parsed).slice(0, 80)}; expected an object.`,
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
