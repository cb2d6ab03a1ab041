/** What is more than types, by the statements of a file as the formatter writes them: its imports, and what it declares. */
import { posix } from "node:path";

const statement = /^(?:import|export) (?!type\b)([^;"]*?) ?from "(\.[^"]+)"|^import "(\.[^"]+)"/gm;
const atRunTime = /\bimport\("(\.[^"]+)"\)/g;

/** The files of the same tree that the file imports, and not only types of theirs. */
export function valueImports(file: string, source: string): readonly string[] {
  const paths: (string | undefined)[] = [];
  for (const [, names, path, forItsEffect] of source.matchAll(statement)) {
    if (!hasTypesAlone(names ?? "")) paths.push(path ?? forItsEffect);
  }
  for (const [, path] of source.matchAll(atRunTime)) paths.push(path);
  return paths.flatMap((path) => (path === undefined ? [] : [posix.join(posix.dirname(file), path)]));
}

/** `{ type One, type Two }` */
function hasTypesAlone(names: string): boolean {
  const listed = /^\{(.*)\}$/s
    .exec(names)?.[1]
    ?.split(",")
    .filter((name) => name.trim() !== "");
  return listed?.every((name) => name.trim().startsWith("type ")) ?? false;
}

const value =
  /^(?:export )?(?:default )?(?:abstract )?(?:async )?(?:const|let|class|function)\b|^export (?:default|\{|\*)/m;

/** Whether the file has anything besides types. */
export function hasValues(source: string): boolean {
  return value.test(source);
}
