/**
 * Where each value of a JSON text is, and which keys an object has twice: `JSON.parse` keeps the last of two equal keys and
 * says nothing, so that an upstream that was written twice would be lost in silence. RFC 8259 §4 leaves it open; a config must not.
 */
import { createScanner } from "jsonc-parser";
import type { Path } from "../../worker/config/parse/plain.ts";
import { placesIn, type FilePlace, type FindPlace } from "./file-place.ts";

export interface JsonPlaces {
  readonly find: FindPlace;
  /** Keys that stand in one object again, in the order of the text. */
  readonly repeated: readonly RepeatedKey[];
}

export interface RepeatedKey {
  readonly key: string;
  readonly first: FilePlace;
  readonly again: FilePlace;
}

/** Reads a text, which must be JSON. */
export function jsonPlaces(json: string): JsonPlaces {
  const placeOf = placesIn(json);
  const { root, repeats } = readNodes(json);
  return {
    find: (path, isKey) => {
      const offset = offsetOf(root, path, isKey);
      return offset === undefined ? undefined : placeOf(offset);
    },
    repeated: repeats.map(({ name, first, at }) => ({
      key: name,
      first: placeOf(first),
      again: placeOf(at),
    })),
  };
}

/** A value: its offset and its key's, and the values in it. */
interface JsonNode {
  readonly at: number;
  readonly keyAt: number | undefined;
  readonly parts?: Map<string | number, JsonNode>;
}

interface JsonKey {
  readonly name: string;
  readonly at: number;
}

interface JsonNodes {
  readonly root: JsonNode | undefined;
  readonly repeats: readonly (JsonKey & { readonly first: number })[];
}

/** Linear in the text's length, and without recursion: a text may have any number of levels. */
function readNodes(json: string): JsonNodes {
  const scanner = createScanner(json, true);
  const top = { isObject: false, parts: new Map<string | number, JsonNode>() };
  const repeats: (JsonKey & { readonly first: number })[] = [];
  const open = [top];
  let key: JsonKey | undefined;
  for (;;) {
    scanner.scan();
    const at = scanner.getTokenOffset();
    const inside = open.at(-1);
    if (inside === undefined || at === json.length) return { root: top.parts.get(0), repeats };
    const sign = json.charAt(at);
    if (sign === "}" || sign === "]") open.pop();
    if ("}],:".includes(sign)) continue;
    if (inside.isObject && key === undefined) {
      key = { name: scanner.getTokenValue(), at };
      continue;
    }
    const first = key && inside.parts.get(key.name)?.keyAt;
    if (key !== undefined && first !== undefined) repeats.push({ ...key, first });
    const parts = sign === "{" || sign === "[" ? new Map<string | number, JsonNode>() : undefined;
    const name = key?.name ?? inside.parts.size;
    if (first === undefined) inside.parts.set(name, { at, keyAt: key?.at, ...(parts && { parts }) });
    if (parts !== undefined) open.push({ isObject: sign === "{", parts });
    key = undefined;
  }
}

/** Of what the text does not have: the value around it. */
function offsetOf(root: JsonNode | undefined, path: Path, isKey: boolean): number | undefined {
  let node = root;
  for (const [level, key] of path.entries()) {
    const part = node?.parts?.get(key);
    if (part === undefined) break;
    node = part;
    if (isKey && level === path.length - 1) return part.keyAt;
  }
  return node?.at;
}
