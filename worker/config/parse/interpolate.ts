/**
 * `${ENV:NAME}` in any text of a config stands for a variable or secret of the deployment, so that one config serves
 * several deployments and holds no secret itself. The idea is supervisord's `%(ENV_NAME)s`; the difference is that a
 * name that is not set is an error here and never an empty text. What a variable holds is not interpolated again.
 */
import { limits, mapTexts, toPlain } from "./plain.ts";
import type { Plain, Problem } from "./plain.ts";
import { formatPath } from "./notation.ts";

/** What a name stands for; `undefined` if nothing was set. */
export type Lookup = (name: string) => string | undefined;

/** A reference, or the beginning of one that is not well formed (then there is no name). */
const reference = /\$\{ENV:(?:([A-Za-z_][A-Za-z0-9_]{0,127})\})?/g;

/** A text that was surely meant for a variable, and would otherwise be taken literally, as a password for example. */
const nearReference = /\$\{(?!ENV:)\s*[Ee][Nn][Vv]\s*[:.]/;

export interface Interpolated {
  readonly value: Plain;
  readonly problems: readonly Problem[];
}

/** Resolves every reference. A text with a reference that cannot be resolved stays as written, and is a problem. */
export function interpolate(tree: Plain, lookup: Lookup): Interpolated {
  const problems: Problem[] = [];
  const value = mapTexts(tree, (text, path) => {
    const resolved = resolve(text, lookup);
    if ("text" in resolved) return resolved.text;
    problems.push({ path, expected: resolved.expected });
    return text;
  });
  return { value, problems };
}

/** The names that a config refers to, and where: what a deployment has to provide. */
export function envNames(raw: unknown): { name: string; paths: string[] }[] {
  const pathsByName = new Map<string, string[]>();
  mapTexts(toPlain(raw).value, (text, path) => {
    for (const name of new Set(namesIn(text))) {
      const paths = pathsByName.get(name) ?? [];
      paths.push(formatPath(path));
      pathsByName.set(name, paths);
    }
    return text;
  });
  return [...pathsByName].map(([name, paths]) => ({ name, paths }));
}

/** The names in a text, in order; malformed references have none. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(reference)].flatMap(([, name]) => name ?? []);
}

function resolve(text: string, lookup: Lookup): { text: string } | { expected: string } {
  if (nearReference.test(text))
    return { expected: '"${ENV:NAME}", with ENV in capitals and nothing around it' };
  const missing = new Set<string>();
  let malformed = false;
  const resolved = text.replace(reference, (_, name: string | undefined) => {
    // A Worker's `env` also holds bindings, which are objects whatever the type of `lookup` says.
    const value: unknown = name === undefined ? undefined : lookup(name);
    if (typeof value === "string" && value !== "") return value;
    if (name === undefined) malformed = true;
    else missing.add(name);
    return "";
  });
  if (malformed) return { expected: 'each "${ENV:" to go on as in "${ENV:NAME}" (letters, digits, "_")' };
  if (missing.size > 0) return { expected: `${[...missing].join(", ")} to be set, and not to empty text` };
  if (resolved.length > limits.textLength) return { expected: `at most ${limits.textLength} characters` };
  return { text: resolved };
}
