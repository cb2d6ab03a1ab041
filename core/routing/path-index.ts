/**
 * Exact paths and prefixes, so that the most specific one for a path is found by a few look-ups, however many routes there are: an exact
 * path by itself; a prefix by the beginning of the path, where a segment ends and some prefix has that length; a prefix by characters in a tree of them.
 *
 * A tree of segments would need a look-up for each segment, and each node of it is in another place of the memory: of 10,000 routes that
 * cost 2.7 times what it cost of ten (`npm run bench:routes`).
 *
 * Of two that take the same path, one takes all that the other one takes. So which is next behind another is the same for every path.
 */
import { stemOf } from "./path.ts";

/** One of a route's paths; the text is in the form of `routingPath`. A prefix that takes every path is none of the index's. */
export interface IndexedPath {
  readonly is: "exact" | "prefix" | "startsWith";
  readonly text: string;
}

/** A candidate for a request, and the one that is to be tried after it. */
export interface Linked<Item> {
  next: Item | undefined;
}

interface CharNode<Item> {
  first?: Item;
  children?: Map<string, CharNode<Item>>;
}

/** A prefix by characters takes more than one by segments of the same length, and less than one that is shorter. */
interface Start<Item> {
  readonly first: Item;
  readonly length: number;
}

export class PathIndex<Item extends Linked<Item>> {
  readonly #exact = new Map<string, Item>();
  readonly #prefixes = new Map<string, Item>();
  readonly #prefixLengths = new Set<number>();
  #longestPrefix = 0;
  readonly #starts: CharNode<Item> = {};
  readonly #last: Item | undefined;

  /**
   * @param paths each with the candidates that have it, in the order in which they are to be tried.
   * @param last those for any path.
   */
  constructor(paths: Iterable<readonly [IndexedPath, readonly Item[]]>, last: readonly Item[]) {
    this.#last = link(last, undefined);
    // From the widest to the narrowest: what is found for a new one is then what comes next.
    const ordered = [...paths].sort(([a], [b]) => rank(a) - rank(b));
    for (const [path, items] of ordered) this.#add(path, items);
  }

  /** The first candidate for a path; the others follow it. */
  find(path: string): Item | undefined {
    // To look into an empty map costs the hash of a fresh text.
    const exact = this.#exact.size === 0 ? undefined : this.#exact.get(path);
    return exact ?? this.#byBeginning(path) ?? this.#last;
  }

  #byBeginning(path: string): Item | undefined {
    const start = this.#starts.children && longestStart(this.#starts, path);
    if (this.#longestPrefix === 0) return start?.first;
    for (let end = this.#lastEnd(path); end > 0; end = path.lastIndexOf("/", end - 1)) {
      if (start !== undefined && start.length > end) break;
      if (!this.#prefixLengths.has(end)) continue;
      const prefix = this.#prefixes.get(path.slice(0, end));
      if (prefix !== undefined) return prefix;
    }
    return start?.first;
  }

  /** The last place in the path where a segment ends and a prefix could. */
  #lastEnd(path: string): number {
    return path.length <= this.#longestPrefix ? path.length : path.lastIndexOf("/", this.#longestPrefix);
  }

  #add({ is, text }: IndexedPath, items: readonly Item[]): void {
    const stem = is === "prefix" ? stemOf(text) : text;
    const first = link(items, this.find(stem));
    if (first === undefined) return;
    if (is === "exact") {
      this.#exact.set(stem, first);
    } else if (is === "prefix") {
      this.#prefixes.set(stem, first);
      this.#prefixLengths.add(stem.length);
      this.#longestPrefix = stem.length;
    } else {
      let node = this.#starts;
      for (const char of text) node = childOf(node, char);
      node.first = first;
    }
  }
}

/** Makes each the next of the one before. Returns the first. */
function link<Item extends Linked<Item>>(items: readonly Item[], next: Item | undefined): Item | undefined {
  return items.reduceRight<Item | undefined>((following, item) => {
    item.next = following;
    return item;
  }, next);
}

function longestStart<Item>(root: CharNode<Item>, path: string): Start<Item> | undefined {
  let found: Start<Item> | undefined;
  let node: CharNode<Item> | undefined = root;
  for (let length = 1; length <= path.length && node.children !== undefined; length++) {
    node = node.children.get(path[length - 1] ?? "");
    if (node === undefined) break;
    if (node.first !== undefined) found = { first: node.first, length };
  }
  return found;
}

function childOf<Item>(node: CharNode<Item>, char: string): CharNode<Item> {
  node.children ??= new Map<string, CharNode<Item>>();
  const known = node.children.get(char);
  if (known !== undefined) return known;
  const child: CharNode<Item> = {};
  node.children.set(char, child);
  return child;
}

/** The greater, the less it takes: `startsWith` of `/a` takes all that `prefix` takes, which takes all that `startsWith` of `/a/` takes. */
function rank({ is, text }: IndexedPath): number {
  if (is === "exact") return Number.MAX_SAFE_INTEGER;
  return is === "prefix" ? 2 * stemOf(text).length + 1 : 2 * text.length;
}
