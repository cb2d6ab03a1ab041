/**
 * Reads the head of a response: its version, status, reason and fields (RFC 9112 §4, §5). Strict where leniency makes two readers
 * disagree: a bare CR, a NUL, a line that is folded, a name that is none make the whole answer malformed, and so a 502. Two
 * leniencies stay, which the RFC wants: LF alone ends a line (§2.2), and spaces before the colon are taken off (§5.1).
 *
 * Values are bytes. Those that are UTF-8 come out of workerd's `Headers` as they went in. Others cannot: a `Headers` is always
 * written as UTF-8, so of what is not they are read as Latin-1, and stay legible.
 */

import { withoutBlanks } from "./blanks.ts";

export type Field = readonly [name: string, value: string];

export interface ResponseHead {
  readonly kind: "head";
  /** HTTP/1.0, and not 1.1. */
  readonly isOld: boolean;
  /** 100–599. */
  readonly status: number;
  readonly reason: string;
  /** In their order; the names as they were written. */
  readonly fields: readonly Field[];
}

export interface MalformedHead {
  readonly kind: "malformed";
  /** From a fixed vocabulary. */
  readonly why: string;
}

/** Far more than any application sends; each costs a call into the runtime. */
export const maxFields = 500;

const statusLine = /^HTTP\/1\.([01]) (\d{3})(?: ([\t -~\x80-\xff]*))?$/;
const token = /^[!#$%&'*+.^_`|~\w-]+$/;

const decoder = new TextDecoder("latin1");
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @param bytes up to and with the empty line, at most `maxHeadBytes`. */
export function parseResponseHead(bytes: Uint8Array): ResponseHead | MalformedHead {
  const text = toText(bytes);
  if (text.includes("\0")) return malformed("NUL in the head");
  // The last two are the empty line and what is behind its end: nothing.
  const lines = text.split("\n").slice(0, -2).map(withoutCr);
  if (lines.some((line) => line.includes("\r"))) return malformed("bare CR in the head");
  const [, minor, status = "", reason = ""] = statusLine.exec(lines[0] ?? "") ?? [];
  if (minor === undefined) return malformed("no status line");
  const code = Number(status);
  if (code < 100 || code > 599) return malformed(`status ${code}`);
  if (lines.length - 1 > maxFields) return malformed("too many fields");
  const fields: Field[] = [];
  for (let at = 1; at < lines.length; at++) {
    const field = parseField(lines[at] ?? "");
    if (typeof field === "string") return malformed(field);
    fields.push(field);
  }
  return { kind: "head", isOld: minor === "0", status: code, reason: toValue(reason), fields };
}

const malformed = (why: string): MalformedHead => ({ kind: "malformed", why });

const withoutCr = (line: string): string => (line.endsWith("\r") ? line.slice(0, -1) : line);

function parseField(line: string): Field | string {
  // RFC 9112 §5.2: a gateway answers 502, or unfolds it.
  if (line.startsWith(" ") || line.startsWith("\t")) return "folded field";
  const colon = line.indexOf(":");
  if (colon === -1) return "field without a colon";
  const name = withoutBlanks(line, 0, colon);
  if (!token.test(name)) return "field name that is none";
  return [name, toValue(withoutBlanks(line, colon + 1))];
}

const beyondAscii = /[^\0-\x7f]/;

/** A character a byte. WHATWG's "latin1" is windows-1252, and differs from that where bytes are above 0x7F. */
function toText(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  if (!beyondAscii.test(text)) return text;
  let exact = "";
  for (const byte of bytes) exact += String.fromCharCode(byte);
  return exact;
}

function toValue(text: string): string {
  if (!beyondAscii.test(text)) return text;
  try {
    return strictUtf8.decode(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  } catch {
    return text;
  }
}
