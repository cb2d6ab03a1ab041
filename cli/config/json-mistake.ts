/**
 * Where a text stops being JSON. `JSON.parse` says the place in some of its messages, in others not, and quotes what stands there,
 * which may be a secret. This reads the grammar of RFC 8259 token by token, in one pass, and quotes signs of the grammar only.
 */

/** The first token that cannot stand where it stands. */
export interface JsonMistake {
  /** Both from 1; columns count UTF-16 code units. */
  readonly line: number;
  readonly column: number;
  /** In words; never the content of a string. */
  readonly found: string;
  readonly expected: string;
}

const space = /[ \t\n\r]*/y;
const token =
  /(?<string>"(?:[ !#-[\]-\u{10FFFF}]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*")|(?<scalar>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[Ee][+-]?\d+)?|true|false|null)|(?<sign>[{}[\],:])/uy;

type State = "value" | "first element" | "key" | "first key" | "colon" | "after" | "over";

/** @returns `undefined` if the text is JSON. Linear in its length. */
export function jsonMistake(text: string): JsonMistake | undefined {
  const open: ("{" | "[")[] = [];
  let state: State = "value";
  let at = 0;
  for (;;) {
    at = endOf(space, text, at);
    token.lastIndex = at;
    const groups: Groups | undefined = token.exec(text)?.groups;
    if (groups === undefined && at === text.length && state === "over") return undefined;
    const next: State | undefined = groups && follows(state, kindOf(groups), open);
    if (next === undefined) return mistake(text, at, groups, expectedIn(state, open.at(-1)));
    state = next;
    at = token.lastIndex;
  }
}

type Groups = Readonly<Record<string, string | undefined>>;

const kindOf = ({ string, scalar, sign }: Groups): string =>
  sign ?? (string === undefined ? (scalar === undefined ? "" : "scalar") : "string");

/** The state after a token of this kind, which goes into `open` or out of it; `undefined`: it cannot stand here. */
function follows(state: State, kind: string, open: ("{" | "[")[]): State | undefined {
  const closed = (): State => (open.length === 0 ? "over" : "after");
  const close = (): State => {
    open.pop();
    return closed();
  };
  switch (state) {
    case "first element":
    case "value":
      if (kind === "]" && state === "first element") return close();
      if (kind === "string" || kind === "scalar") return closed();
      if (kind !== "{" && kind !== "[") return undefined;
      open.push(kind);
      return kind === "{" ? "first key" : "first element";
    case "first key":
    case "key":
      if (kind === "}" && state === "first key") return close();
      return kind === "string" ? "colon" : undefined;
    case "colon":
      return kind === ":" ? "value" : undefined;
    case "after":
      if (kind === ",") return open.at(-1) === "{" ? "key" : "value";
      return kind === closing[open.at(-1) ?? "{"] ? close() : undefined;
    case "over":
      return undefined;
  }
}

const closing = { "{": "}", "[": "]" } as const;

function expectedIn(state: State, inside: "{" | "[" | undefined): string {
  switch (state) {
    case "value":
      return "a value";
    case "first element":
      return 'a value or "]"';
    case "key":
      return "a key in double quotes";
    case "first key":
      return 'a key in double quotes or "}"';
    case "colon":
      return '":"';
    case "after":
      return `"," or "${closing[inside ?? "{"]}"`;
    case "over":
      return "the end of the file";
  }
}

function mistake(text: string, at: number, groups: Groups | undefined, expected: string): JsonMistake {
  const before = text.slice(0, at).split("\n");
  return {
    line: before.length,
    column: (before.at(-1) ?? "").length + 1,
    found: foundAt(text, at, groups),
    expected,
  };
}

function foundAt(text: string, at: number, groups: Groups | undefined): string {
  if (at === text.length) return "the end of the file";
  if (groups?.["string"] !== undefined) return "a string";
  if (groups?.["scalar"] !== undefined) return "a number, true, false or null";
  if (groups?.["sign"] !== undefined) return JSON.stringify(groups["sign"]);
  if (text.startsWith("/*", at) && !text.includes("*/", at + 2)) return "a comment that does not end";
  if (text.startsWith("//", at) || text.startsWith("/*", at)) return "a comment, which JSON does not have";
  if (text[at] === '"')
    return "a string that does not end on its line, or has an escape that JSON does not have";
  return JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0));
}

function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  pattern.test(text);
  return pattern.lastIndex;
}
