/**
 * Texts with variables, `/new${rest}?from=${path}`, in which a route's rules say what to make of a request. The set of variables is closed, so
 * that a typing error is found when the config is read, and not when a client comes by. A template is parsed once.
 *
 * As nginx's variables and Apache's back-references; other than there each value is escaped for the place where it stands (`escape.ts`).
 */

/** Variables without a name of their own. */
export const plainVariables = [
  /** The path as the client sent it, encoded. */
  "path",
  /** What follows the question mark, without it. */
  "query",
  /** What follows the prefix that the rule matched, encoded; begins with a slash or is empty. */
  "rest",
  "method",
  "scheme",
  /** The host that was asked for, with its port unless that is the scheme's own. */
  "host",
  /** The client's address. */
  "client",
  "requestId",
] as const;

/** Variables that name what they take: `header.user-agent`, `cookie.lang`, `arg.page` (of the query). */
export const namedVariables = ["header", "cookie", "arg"] as const;

export type PlainVariable = (typeof plainVariables)[number];

export type Variable =
  | { readonly is: PlainVariable }
  | { readonly is: (typeof namedVariables)[number]; readonly name: string }
  /** What a pattern's group has captured: by its number, from 1, or by its name. */
  | { readonly is: "capture"; readonly group: number | string };

export type TemplatePiece = string | Variable;
export type Template = readonly TemplatePiece[];

/** Why a text is no template: `${` and what follows, and what could stand there. */
export interface TemplateProblem {
  readonly found: string;
  readonly expected: string;
}

/** The groups of the pattern beside a template: how many there are, and those with names. */
export interface Groups {
  readonly count: number;
  readonly names: readonly string[];
}

export const noGroups: Groups = { count: 0, names: [] };

/** A variable, or the beginning of one that does not end. */
const reference = /\$\{(?:(?<inside>[^{}$]{1,200})\})?/g;

/** A token of RFC 9110 §5.6.2: names of headers, cookies and arguments. */
const variableName = /^[!#$%&'*+.^_`|~\w-]{1,100}$/;

/** Reads a template; what is not `${…}` stands for itself. Whether there are such captures is for `lackingCapture` to say. */
export function parseTemplate(text: string): Template | TemplateProblem {
  const pieces: TemplatePiece[] = [];
  let end = 0;
  for (const match of text.matchAll(reference)) {
    if (match.index > end) pieces.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    const variable = parseVariable(match.groups?.["inside"] ?? "");
    if (variable === undefined)
      return { found: quoted(match[0], text, match.index), expected: variableWords(noGroups) };
    pieces.push(variable);
  }
  if (end < text.length) pieces.push(text.slice(end));
  return pieces;
}

export const isTemplate = (parsed: Template | TemplateProblem): parsed is Template => Array.isArray(parsed);

function parseVariable(inside: string): Variable | undefined {
  const plain = plainVariables.find((name) => name === inside);
  if (plain !== undefined) return { is: plain };
  if (/^[1-9]\d?$/.test(inside)) return { is: "capture", group: Number(inside) };
  if (/^[A-Za-z_]\w*$/.test(inside)) return { is: "capture", group: inside };
  const dot = inside.indexOf(".");
  const kind = namedVariables.find((name) => name === inside.slice(0, dot));
  const name = inside.slice(dot + 1);
  if (kind === undefined || !variableName.test(name)) return undefined;
  return { is: kind, name: kind === "header" ? name.toLowerCase() : name };
}

/** What is wrong with a template beside a pattern with these groups; `undefined`: all its captures are there. */
export function lackingCapture(template: Template, { count, names }: Groups): TemplateProblem | undefined {
  for (const piece of template) {
    if (typeof piece === "string" || piece.is !== "capture") continue;
    const { group } = piece;
    const isThere = typeof group === "number" ? group <= count : names.includes(group);
    if (!isThere) return { found: JSON.stringify(`\${${group}}`), expected: variableWords({ count, names }) };
  }
  return undefined;
}

/** What an issue shows of the text: the reference that could not be read. */
function quoted(reference: string, text: string, at: number): string {
  return JSON.stringify(reference.endsWith("}") ? reference : text.slice(at, at + 20));
}

function variableWords({ count, names }: Groups): string {
  const numbers = Array.from({ length: count }, (_, index) => String(index + 1));
  const named = namedVariables.map((name) => `${name}.NAME`);
  const all = [...plainVariables, ...named, ...numbers, ...names].map((name) => `\${${name}}`).join(" ");
  return count === 0 ? `one of ${all} (there is no pattern with groups to capture)` : `one of ${all}`;
}

/** The value of a variable; `undefined` counts as empty. */
export type ValueOf = (variable: Variable) => string | undefined;

/** The text that the template comes to. `escape` makes a value fit for where it stands: behind the text so far. */
export function render(
  template: Template,
  valueOf: ValueOf,
  escape: (value: string, variable: Variable, before: string) => string,
): string {
  let text = "";
  for (const piece of template) {
    text += typeof piece === "string" ? piece : escape(valueOf(piece) ?? "", piece, text);
  }
  return text;
}
