/**
 * Where the values of a config are in the text of its module. A module is a program, and what it exports may differ from each
 * literal in it: it is spread, changed, computed. So each step down from the export is held against the value that the module
 * did export, and where they part the place is that of the last literal in which both agree. No place rather than a wrong one.
 */
import { readFileSync } from "node:fs";
import type { Expression } from "acorn";
import type { Path } from "../../worker/config/parse/plain.ts";
import {
  certainParts,
  isContainer,
  scalarOf,
  type CertainParts,
  type ContainerLiteral,
} from "./certain-parts.ts";
import { placesIn, type FindPlace } from "./file-place.ts";
import { moduleLiteral, type ModuleLiteral } from "./module-literal.ts";

/** Reads the module's text. `raw`: what the module exported when it ran. */
export function modulePlaces(file: string, raw: unknown): FindPlace {
  const text = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  const literal = moduleLiteral(text, /\.[mc]?ts$/i.test(file));
  if (literal === undefined) return () => undefined;
  const placeOf = placesIn(text);
  const walk = walkOf(literal, raw);
  return (path, isKey) => {
    const offset = walk(path, isKey);
    return offset === undefined ? undefined : placeOf(offset);
  };
}

type Walk = (path: Path, isKey: boolean) => number | undefined;

function walkOf({ exported, isDeclarative, resolve }: ModuleLiteral, raw: unknown): Walk {
  /** By literal and by value: each pair is compared once, however many paths lead through it. */
  const compared = new Map<Expression, Map<unknown, CertainParts | undefined>>();

  /** The parts of a literal that agrees with the value. */
  const partsOf = (node: Expression, value: unknown): CertainParts | undefined => {
    if (!isContainer(node)) return undefined;
    const byValue = compared.get(node) ?? new Map<unknown, CertainParts | undefined>();
    compared.set(node, byValue);
    if (!byValue.has(value)) byValue.set(value, agreedParts(node, value, resolve));
    return byValue.get(value);
  };

  return (path, isKey) => {
    let [node, value] = [resolve(exported), raw];
    let around: number | undefined;
    for (const [level, key] of path.entries()) {
      const parts = partsOf(node, value);
      if (parts === undefined) return around;
      around = node.start;
      const part = parts.byKey.get(String(key));
      if (part === undefined) return around;
      if (isKey && level === path.length - 1) return part.keyAt;
      value = valueIn(value, key);
      node = resolve(part.value);
      if (scalarOf(node) !== undefined || (isDeclarative && !isContainer(node))) around = part.at;
    }
    return partsOf(node, value) === undefined ? around : node.start;
  };
}

/** A literal's parts, if the value has what it gives, and no more than that if it gives all. Looks at one level. */
function agreedParts(
  node: ContainerLiteral,
  value: unknown,
  resolve: ModuleLiteral["resolve"],
): CertainParts | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value) !== (node.type === "ArrayExpression")) return undefined;
  const parts = certainParts(node);
  if (parts.isComplete && Object.keys(value).some((key) => !parts.byKey.has(key))) return undefined;
  const isSame = [...parts.byKey].every(([key, part]) => {
    if (!Object.hasOwn(value, key)) return false;
    const scalar = scalarOf(resolve(part.value));
    return scalar === undefined || scalar.value === valueIn(value, key);
  });
  return isSame ? parts : undefined;
}

/** Without running a getter. */
const valueIn = (value: unknown, key: string | number): unknown =>
  Object.getOwnPropertyDescriptor(Object(value), key)?.value;
