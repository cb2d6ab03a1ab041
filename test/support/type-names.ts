/**
 * The names of the types that files declare at their top level, exported or not, and those that stand for two things:
 * a search for a name should find one declaration. The formatter puts such a declaration at the beginning of its line.
 */
const declared =
  /^(?:export )?(?:default )?(?:declare )?(?:abstract )?(?:const )?(?:type|interface|class|enum) (\w+)/gm;
const renamedImport = /^import\b[^;]*?\{([^}]*)\}/gm;

/** A name, and the places that declare it: `core/load/sample.ts:12`. */
export interface TypeName {
  readonly name: string;
  readonly places: readonly string[];
}

/** Every name with its declarations, by name. `sources`: the text of each file by its path. */
export function typeNames(sources: ReadonlyMap<string, string>): readonly TypeName[] {
  const places = new Map<string, string[]>();
  for (const [file, source] of sources) {
    const inFile = new Map<string, number>();
    for (const { 1: name = "", index } of source.matchAll(declared))
      if (!inFile.has(name)) inFile.set(name, index);
    for (const { 1: names = "", index } of source.matchAll(renamedImport))
      for (const [, alias = ""] of names.matchAll(/\bas ([A-Z]\w*)/g)) inFile.set(alias, index);
    for (const [name, index] of inFile) {
      const line = source.slice(0, index).split("\n").length;
      places.set(name, [...(places.get(name) ?? []), `${file}:${line}`]);
    }
  }
  return [...places]
    .map(([name, at]) => ({ name, places: at }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** A line for each name that several files declare: `Demand: core/a.ts:8, core/b.ts:12`. */
export function sharedNames(names: readonly TypeName[]): readonly string[] {
  return names
    .filter(({ places }) => places.length > 1)
    .map(({ name, places }) => `${name}: ${places.join(", ")}`);
}
