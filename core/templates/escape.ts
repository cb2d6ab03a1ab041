/**
 * How a variable's value is made fit for the place where it stands, so that nothing that a client sends ends a header, begins another
 * part of a URL, or opens a tag. Two kinds of values: parts of the request's URL (path, query, arguments, captures) are encoded already, and
 * keep their encodings (`%2F` stays `%2F`); everything else is plain text, whose `%` is encoded too.
 */
import type { Variable } from "./template.ts";

/** Where a value may stand; `query`: among arguments, whole; `argument`: in the value of one. */
export type EscapePlace = "path" | "query" | "argument" | "header" | "html" | "json" | "text";

/** What has to be encoded: in plain text, and in a part of a URL, where an encoding that is whole stays. */
interface Unfit {
  readonly inText: RegExp;
  readonly inUrl: RegExp;
}

/** RFC 3986 §3.3 `pchar` and "/". */
const notInPath: Unfit = {
  inText: /[^\w.~!$&'()*+,;=:@/-]/gu,
  inUrl: /[^\w.~!$&'()*+,;=:@/%-]|%(?![\dA-Fa-f]{2})/gu,
};
/** RFC 3986 §3.4, without what divides arguments (for some servers `;` does, HTML 4.01 §B.2.2), and "+", which forms take for a space. */
const notInArgument: Unfit = {
  inText: /[^\w.~!$'()*,:@/?-]/gu,
  inUrl: /[^\w.~!$'()*,:@/?%-]|%(?![\dA-Fa-f]{2})/gu,
};
/** RFC 3986 §3.4. */
const notInQuery: Unfit = {
  inText: /[^\w.~!$&'()*+,;=:@/?-]/gu,
  inUrl: /[^\w.~!$&'()*+,;=:@/?%-]|%(?![\dA-Fa-f]{2})/gu,
};

/** Returns the value as it may stand in the place. */
export function escapeFor(place: EscapePlace, value: string, { is }: Variable): string {
  switch (place) {
    case "path":
      return encode(spaced(value, is), notInPath, isOfUrl(is));
    case "query":
      return encode(value, notInQuery, isOfUrl(is));
    case "argument":
      return encode(spaced(value, is), notInArgument, isOfUrl(is));
    case "header":
      return value.replaceAll(notInHeader, percent).trim();
    case "html":
      return value.replaceAll(/["&'<>]/g, (char) => entities[char] ?? "");
    case "json":
      return JSON.stringify(value)
        .slice(1, -1)
        .replaceAll("</", String.raw`<\/`);
    case "text":
      return value;
  }
}

/** In the argument of a query, and only there, `+` is a space (WHATWG URL §5.1). */
function spaced(value: string, is: Variable["is"]): string {
  return is === "arg" ? value.replaceAll("+", "%20") : value;
}

/** Whether the variable is a part of the URL, whose encodings stay as they are. */
function isOfUrl(is: Variable["is"]): boolean {
  return is === "path" || is === "query" || is === "rest" || is === "arg" || is === "capture";
}

function encode(value: string, { inText, inUrl }: Unfit, keepsEncodings: boolean): string {
  return value.replaceAll(keepsEncodings ? inUrl : inText, percent);
}

/** RFC 9110 §5.5: visible ASCII, spaces and tabs. Others go encoded: their bytes would be read in different ways. */
const notInHeader = /[^\t\x20-\x7e]/gu;

/** The character in UTF-8, each byte as `%XX` (RFC 3986 §2.1). What is no character (half of a pair) is U+FFFD. */
function percent(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const isHalf = code >= 0xd800 && code <= 0xdfff;
  let encoded = "";
  for (const byte of utf8(isHalf ? 0xfffd : code)) encoded += encodings[byte] ?? "";
  return encoded;
}

/** Of each byte. */
const encodings: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
);

/** RFC 3629 §3. */
function utf8(code: number): number[] {
  const tail = (shift: number): number => 0x80 | ((code >> shift) & 0x3f);
  if (code < 0x80) return [code];
  if (code < 0x800) return [0xc0 | (code >> 6), tail(0)];
  if (code < 0x1_0000) return [0xe0 | (code >> 12), tail(6), tail(0)];
  return [0xf0 | (code >> 18), tail(12), tail(6), tail(0)];
}

const entities: Readonly<Record<string, string>> = {
  '"': "&quot;",
  "&": "&amp;",
  "'": "&#39;",
  "<": "&lt;",
  ">": "&gt;",
};
