/** Patterns for tests of the core, by the runtime's own engine. */
import { longestMatched, type Pattern } from "../../../../core/rules/pattern.ts";

export function patternOf(expression: RegExp): Pattern {
  const named = Object.keys(new RegExp(`${expression.source}|`).exec("")?.groups ?? {});
  const count = (new RegExp(`${expression.source}|`).exec("")?.length ?? 1) - 1;
  return {
    source: expression.source,
    longest: longestMatched,
    groups: { count, names: named },
    test: (text) => expression.test(text),
    find: (text) => {
      const found = expression.exec(text);
      if (found === null) return undefined;
      const numbered = [...found].map((value: string | undefined, group): [number, string | undefined] => [
        group,
        value,
      ]);
      const all = [...numbered.slice(1), ...Object.entries(found.groups ?? {})] as [
        number | string,
        string | undefined,
      ][];
      return new Map(all.filter((entry): entry is [number | string, string] => entry[1] !== undefined));
    },
  };
}
