/**
 * What a literal of JavaScript says of its parts for certain: a spread, or a key that is computed, may take the place of what
 * stands before it. Pure.
 */
import type { ArrayExpression, Expression, ObjectExpression, Property } from "acorn";

export type ContainerLiteral = ObjectExpression | ArrayExpression;

export const isContainer = (node: Expression): node is ContainerLiteral =>
  node.type === "ObjectExpression" || node.type === "ArrayExpression";

export interface CertainParts {
  /** By key; a list's by index. */
  readonly byKey: ReadonlyMap<string, CertainPart>;
  /** There are no others. */
  readonly isComplete: boolean;
}

interface CertainPart {
  /** Offsets of the key and of the value; they are one in a list, and of a method or a getter. */
  readonly keyAt: number;
  readonly at: number;
  readonly value: Expression;
}

export function certainParts(node: ContainerLiteral): CertainParts {
  return node.type === "ObjectExpression" ? partsOfObject(node) : partsOfList(node);
}

function partsOfObject({ properties }: ObjectExpression): CertainParts {
  const byKey = new Map<string, CertainPart>();
  let isComplete = true;
  for (const property of properties) {
    const key = property.type === "Property" ? keyOf(property) : undefined;
    if (property.type !== "Property" || key === undefined) {
      byKey.clear();
      isComplete = false;
    } else if (!setsPrototype(property, key)) {
      const { key: name, value, kind, method } = property;
      const at = kind === "init" && !method ? value.start : name.start;
      byKey.set(key, { keyAt: name.start, at, value });
    }
  }
  return { byKey, isComplete };
}

function partsOfList({ elements }: ArrayExpression): CertainParts {
  const byKey = new Map<string, CertainPart>();
  for (const [index, element] of elements.entries()) {
    if (element?.type === "SpreadElement") return { byKey, isComplete: false };
    if (element) byKey.set(String(index), { keyAt: element.start, at: element.start, value: element });
  }
  return { byKey, isComplete: true };
}

function keyOf({ key, computed }: Property): string | undefined {
  if (key.type === "Identifier" && !computed) return key.name;
  const scalar = scalarOf(key);
  return scalar === undefined ? undefined : String(scalar.value);
}

const setsPrototype = ({ computed, shorthand, method }: Property, key: string): boolean =>
  key === "__proto__" && !computed && !shorthand && !method;

/** The value of a literal that is no object and no list; `undefined`: only running it shows its value. */
export function scalarOf(node: Expression): { readonly value: unknown } | undefined {
  if (node.type === "Literal") return node.regex || node.bigint ? undefined : { value: node.value };
  if (node.type === "TemplateLiteral" && node.expressions.length === 0)
    return { value: node.quasis[0]?.value.cooked };
  const number = node.type === "UnaryExpression" && node.operator === "-" && scalarOf(node.argument)?.value;
  return typeof number === "number" ? { value: -number } : undefined;
}
