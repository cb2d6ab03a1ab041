/** A name of an upstream, where a config refers to one: it must be there, and a misspelt one gets a suggestion. */
import { nearest } from "../parse/nearest.ts";
import { quote } from "../parse/notation.ts";
import type { Path, Problem } from "../parse/plain.ts";

/** The problem of a name at this path that no upstream has. */
export function unknownUpstream(path: Path, name: string, upstreams: object): Problem[] {
  if (Object.hasOwn(upstreams, name)) return [];
  const suggestion = nearest(name, Object.keys(upstreams));
  const hint = suggestion ? `; the nearest is ${quote(suggestion)}` : "";
  return [{ path, expected: `the name of an upstream of this config${hint}` }];
}
