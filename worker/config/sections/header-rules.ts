/**
 * What is wrong in `headers`. Headers that Weir vouches for cannot be written by mistake: the issue says what to use instead
 * (`core/headers/owned.ts`).
 */
import { insteadOf, isClaim, type Direction, type HeaderAction } from "../../../core/headers/owned.ts";
import { lackingCapture, noGroups, type Template, type Variable } from "../../../core/templates/template.ts";
import type { HeaderValue } from "../kinds/header-edit.ts";
import { quote } from "../parse/notation.ts";
import type { Path, Problem } from "../parse/plain.ts";
import type { Rule } from "../rule.ts";

type ByName = Readonly<Record<string, HeaderValue>>;

/** The edits of one direction, as they are written. */
export interface HeaderEditValues {
  readonly set: ByName;
  readonly default: ByName;
  readonly add: ByName;
  readonly remove: readonly string[];
}

export const hows = ["set", "default", "add"] as const;

/** Each header of the section, with what is done with it and where it stands. */
function namedIn(
  values: HeaderEditValues,
): readonly (readonly [action: HeaderAction, name: string, path: Path])[] {
  return [
    ...hows.flatMap((how) => Object.keys(values[how]).map((name) => [how, name, [how, name]] as const)),
    ...values.remove.map((name, index) => ["remove", name, ["remove", index]] as const),
  ];
}

/** Headers that Weir vouches for. */
const owned =
  (direction: Direction): Rule<HeaderEditValues> =>
  (values) =>
    namedIn(values).flatMap(([action, name, path]): Problem[] => {
      const expected = insteadOf(direction, action, name);
      if (expected === undefined) return [];
      return [
        action === "remove"
          ? { path, expected }
          : { path, found: `key ${quote(name)}`, expected, isKey: true },
      ];
    });

/** Of `set`, `default` and `remove` one would undo the other. */
const repeated: Rule<HeaderEditValues> = (values) => {
  const seen = new Map<string, HeaderAction>();
  return namedIn(values).flatMap(([action, name, path]): Problem[] => {
    const known = action === "add" ? `+${name.toLowerCase()}` : name.toLowerCase();
    const first = seen.get(known);
    seen.set(known, first ?? action);
    if (first === undefined) return [];
    const once = `each header once in set, default and remove; ${first} has this one`;
    // A name in `remove` may be a reference, so that only the config as written can be shown.
    if (action === "remove") return [{ path, expected: once }];
    const expected = action === "add" ? "a list of its values" : once;
    return [{ path, found: `key ${quote(name)}`, expected, isKey: true }];
  });
};

/** What a value cannot be made of: captures, and what a client says where the header is taken for more than that. */
const unfitValues =
  (direction: Direction): Rule<HeaderEditValues> =>
  (values) =>
    hows.flatMap((how) =>
      Object.entries(values[how]).flatMap(([name, { values: templates }]): Problem[] =>
        templates.flatMap((template) => {
          const lacking = lackingCapture(template, noGroups);
          if (lacking !== undefined) return [{ path: [how, name], ...lacking }];
          const expected = insteadOfValue(direction, name, template);
          return expected === undefined ? [] : [{ path: [how, name], expected }];
        }),
      ),
    );

/** What to write in place of a value that a client makes up; `undefined`: the header may have it. */
function insteadOfValue(direction: Direction, name: string, template: Template): string | undefined {
  if (!template.some((piece) => typeof piece !== "string" && isClientsWord(piece))) return undefined;
  if (direction === "request" && isClaim(name))
    return "no ${header.…}, ${cookie.…} or ${arg.…}: applications believe this header; ${client} is the address";
  if (direction === "response" && name.toLowerCase() === "access-control-allow-origin")
    return "cors of the route: with any origin said back, every site could read the answers";
  return undefined;
}

/** Whether a client may say there what it likes. */
const isClientsWord = ({ is }: Variable): boolean => is === "header" || is === "cookie" || is === "arg";

/** The rules of the headers of one direction. */
export const headerRules = (direction: Direction): readonly Rule<HeaderEditValues>[] => [
  owned(direction),
  repeated,
  unfitValues(direction),
];

/** The options of a route that write headers of answers. */
export interface WritingOptions {
  readonly cors: boolean;
  readonly hsts: boolean;
}

/** The option that says what this would undo; `undefined`: none does. @param isRemoved it is taken off, not written. */
export function writtenBy(
  name: string,
  isRemoved: boolean,
  { cors, hsts }: WritingOptions,
): string | undefined {
  const known = name.toLowerCase();
  if (cors && (known.startsWith("access-control-") || (isRemoved && known === "vary")))
    return "cors of the route";
  return hsts && known === "strict-transport-security" ? "https.hsts of the route" : undefined;
}

/** What `cors` and `https.hsts` of the route write, its `headers` must leave alone. */
export function besideOptions(response: HeaderEditValues, options: WritingOptions): Problem[] {
  return namedIn(response).flatMap(([action, name, path]): Problem[] => {
    const by = writtenBy(name, action === "remove", options);
    return by === undefined ? [] : [{ path, expected: `nothing beside ${by}, which says it` }];
  });
}
