/** A config as a tree: its places, and the same tree with another value at one of them. */
export type Place = readonly (string | number)[];

/** All places in it, the outer ones first, but for the root. */
export function placesOf(tree: unknown): Place[] {
  const places: Place[] = [];
  let level: readonly { readonly place: Place; readonly value: unknown }[] = [{ place: [], value: tree }];
  while (level.length > 0) {
    level = level.flatMap(({ place, value }) =>
      entriesOf(value).map(([key, child]) => ({ place: [...place, key], value: child })),
    );
    places.push(...level.map(({ place }) => place));
  }
  return places;
}

export function entriesOf(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) return [...value.entries()];
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

export function valueAt(tree: unknown, place: Place): unknown {
  return place.reduce<unknown>(
    (parent, key) => entriesOf(parent).find(([other]) => other === key)?.[1],
    tree,
  );
}

/** A copy in which this becomes of the object or list at a place; what else is in the tree is shared. */
export function changedAt(tree: unknown, place: Place, change: (value: unknown) => unknown): unknown {
  const [key, ...below] = place;
  if (key === undefined) return change(tree);
  const changed = entriesOf(tree).map(([other, child]) => [
    other,
    other === key ? changedAt(child, below, change) : child,
  ]);
  return Array.isArray(tree) ? changed.map(([, child]) => child) : Object.fromEntries(changed);
}

/** A copy without this place. */
export function withoutPlace(tree: unknown, place: Place): unknown {
  const key = place.at(-1);
  return changedAt(tree, place.slice(0, -1), (parent) => {
    const others = entriesOf(parent).filter(([other]) => other !== key);
    return Array.isArray(parent) ? others.map(([, child]) => child) : Object.fromEntries(others);
  });
}

/** A copy without these keys. */
export const without = <T extends object>(whole: T, ...keys: readonly (keyof T)[]): T =>
  Object.fromEntries(Object.entries(whole).filter(([key]) => !keys.some((other) => other === key))) as T;
