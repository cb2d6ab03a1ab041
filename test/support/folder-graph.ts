/** Which folder of a tree imports which, types included, by the import statements of its files; and whether they form a circle. */
import { posix } from "node:path";

/** One import from a file of one folder to a file of another. */
export interface FolderEdge {
  readonly from: string;
  readonly to: string;
  readonly fromFile: string;
  readonly toFile: string;
}

const imported = /\bfrom "(\.[^"]+)"|\bimport\("(\.[^"]+)"\)|^import "(\.[^"]+)"/gm;

const folderOf = (file: string): string => (file.includes("/") ? file.slice(0, file.indexOf("/")) : ".");

/** The imports between folders of the first level, one for each pair. `sources`: the text of each file by its path in the tree. */
export function folderEdges(sources: ReadonlyMap<string, string>): readonly FolderEdge[] {
  const edges = new Map<string, FolderEdge>();
  for (const [fromFile, source] of sources) {
    for (const match of source.matchAll(imported)) {
      const path = match.slice(1).find((part) => part !== undefined) ?? "";
      const toFile = posix.join(posix.dirname(fromFile), path);
      const [from, to] = [folderOf(fromFile), folderOf(toFile)];
      if (from !== to && !edges.has(`${from} ${to}`))
        edges.set(`${from} ${to}`, { from, to, fromFile, toFile });
    }
  }
  return [...edges.values()];
}

/** The edges of a circle, from a folder back to itself; empty: there is none. */
export function circleOf(edges: readonly FolderEdge[]): readonly FolderEdge[] {
  const cleared = new Set<string>();
  const search = (folder: string, path: readonly FolderEdge[]): readonly FolderEdge[] => {
    const begin = path.findIndex(({ from }) => from === folder);
    if (begin !== -1) return path.slice(begin);
    if (cleared.has(folder)) return [];
    for (const edge of edges) {
      if (edge.from !== folder) continue;
      const found = search(edge.to, [...path, edge]);
      if (found.length > 0) return found;
    }
    cleared.add(folder);
    return [];
  };
  for (const { from } of edges) {
    const found = search(from, []);
    if (found.length > 0) return found;
  }
  return [];
}

/** A line for each edge: `health -> load: health/too-busy.ts imports load/signal.ts`. */
export function edgeLines(edges: readonly FolderEdge[]): readonly string[] {
  return edges.map(({ from, to, fromFile, toFile }) => `${from} -> ${to}: ${fromFile} imports ${toFile}`);
}
