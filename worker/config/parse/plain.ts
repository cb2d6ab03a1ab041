/**
 * A config as plain data: what JSON can hold, and no more of it than a config can need. The first thing that happens
 * to input from outside is this copy, so that everything after it may recurse, print and look up keys without
 * meeting a cycle, a getter, a million levels, or a key that changes an object's prototype.
 */

export type Plain = null | boolean | number | string | readonly Plain[] | PlainObject;
export interface PlainObject {
  readonly [key: string]: Plain;
}

/** From the config's root to a value. */
export type Path = readonly (string | number)[];

/** Something wrong at a path. `found` only where it is not simply the value there. */
export interface Problem {
  readonly path: Path;
  readonly found?: string;
  readonly expected: string;
  /** The last key of the path is wrong, whatever its value is. */
  readonly isKey?: true;
}

/** Far above any config that makes sense, far below what would hurt an isolate. */
export const limits = { depth: 16, values: 100_000, textLength: 8_192 } as const;

export interface PlainCopy {
  readonly value: Plain;
  readonly problems: readonly Problem[];
  /** The input has more than `limits.values` values: the copy is not complete, so judging it makes no sense. */
  readonly tooLarge: boolean;
}

/** Copies `raw`. What is not plain data is left out, each a problem; so are undefined keys, as in JSON. */
export function toPlain(raw: unknown): PlainCopy {
  const problems: Problem[] = [];
  let values = 0;

  const refuse = (path: Path, found: string, expected: string): null => {
    problems.push({ path, found, expected });
    return null;
  };

  const copy = (raw: unknown, path: Path): Plain => {
    values += 1;
    if (values > limits.values) return null;
    if (raw === null || typeof raw === "boolean") return raw;
    if (typeof raw === "number" && Number.isFinite(raw)) return raw;
    if (typeof raw === "string") return raw.length <= limits.textLength ? raw : refuseLongText(raw, path);
    if (typeof raw !== "object") return refuse(path, nameOf(raw), "plain data, as in JSON");
    if (path.length >= limits.depth) return refuse(path, "one more level", `at most ${limits.depth} levels`);
    if (Array.isArray(raw)) return raw.map((item, index) => copy(item, [...path, index]));
    if (!isPlainObject(raw)) return refuse(path, "an instance of a class", "plain data, as in JSON");
    return copyObject(raw, path);
  };

  const refuseLongText = (text: string, path: Path) =>
    refuse(path, `${text.length} characters`, `at most ${limits.textLength} characters`);

  const copyObject = (raw: object, path: Path): PlainObject => {
    const copied: [string, Plain][] = [];
    for (const [key, value] of Object.entries(raw)) {
      if (value === undefined) continue;
      if (key === "__proto__") problems.push(prototypeKey([...path, key]));
      else copied.push([key, copy(value, [...path, key])]);
    }
    return Object.fromEntries(copied);
  };

  const value = copy(raw, []);
  if (values <= limits.values) return { value, problems, tooLarge: false };
  const found = `more than ${limits.values} values`;
  return {
    value,
    problems: [{ path: [], found, expected: `at most ${limits.values} values` }],
    tooLarge: true,
  };
}

const prototypeKey = (path: Path): Problem => ({
  path,
  found: 'unknown key "__proto__"',
  expected: "no such key, anywhere",
  isKey: true,
});

/** The same tree, each text in it replaced. */
export function mapTexts(tree: Plain, replace: (text: string, path: Path) => string, path: Path = []): Plain {
  if (typeof tree === "string") return replace(tree, path);
  if (isList(tree)) return tree.map((item, index) => mapTexts(item, replace, [...path, index]));
  if (!isObject(tree)) return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key, mapTexts(value, replace, [...path, key])]),
  );
}

/** The value at a path; `undefined` where the tree has none. */
export function valueAt(tree: Plain | undefined, ...path: Path): Plain | undefined {
  return path.reduce<Plain | undefined>((parent, key) => {
    if (isList(parent)) return typeof key === "number" ? parent[key] : undefined;
    return isObject(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined;
  }, tree);
}

/** The items of a list; none if it is no list. */
export function itemsOf(tree: Plain | undefined): readonly Plain[] {
  return isList(tree) ? tree : [];
}

/** The keys of an object; none if it is no object. */
export function keysOf(tree: Plain | undefined): readonly string[] {
  return isObject(tree) ? Object.keys(tree) : [];
}

export function isList(tree: Plain | undefined): tree is readonly Plain[] {
  return Array.isArray(tree);
}

export function isObject(tree: Plain | undefined): tree is PlainObject {
  return typeof tree === "object" && tree !== null && !isList(tree);
}

/** By structure and not by identity of `Object.prototype`, of which each realm has its own. */
function isPlainObject(raw: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(raw);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function nameOf(raw: unknown): string {
  return typeof raw === "number" || raw === undefined ? String(raw) : `a ${typeof raw}`;
}
