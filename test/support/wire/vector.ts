/**
 * What only an attacker sends, or a peer that is broken: bytes, and what must come of them. From these lists come both the test
 * that sends them (`test/e2e/wire.test.ts`) and the tables of docs/wire.md.
 *
 * In the bytes `{path}` stands for a path of the vector's own. `{hidden}` is the path of a request that lies within another one's
 * body, or after a request that is not valid: no client has sent it as a request, so no origin may ever get it. `{next}` is that of a lawful second request
 * on the same connection.
 */
export interface Vector {
  /** In Markdown, without `|`. */
  readonly name: string;
  /** One character a byte. */
  readonly sent: string;
  /** The answers, in their order: a status, and whose it is unless the origin's: `"200"`, `"400 workerd"`, `"400 Weir"`. */
  readonly answered: string;
  /** The requests that the origin got, with fields that are not Weir's own: `"POST {path}, 5 bytes, x-a: 1"`. */
  readonly asked: readonly string[];
}

/** Vectors of one subject. */
export interface Group {
  readonly title: string;
  readonly vectors: readonly Vector[];
}

export type Outcome = Pick<Vector, "answered" | "asked">;

/** Ended by the runtime's parser; Weir has not heard of it. */
export const byParser: Outcome = { answered: "400 workerd", asked: [] };
/** Ended by Weir. */
export const byWeir: Outcome = { answered: "400 Weir", asked: [] };
/** The body was broken: nothing that could be taken for the whole reached the origin. */
export const brokenBody: Outcome = { answered: "400 Weir", asked: [] };

/** One request reached the origin, in this form. */
export function served(asked = "GET {path}"): Outcome {
  return { answered: "200", asked: [asked] };
}

/** Two did, lawfully, on one connection. */
export function servedBoth(first: string, second = "GET {next}"): Outcome {
  return { answered: "200, 200", asked: [first, second] };
}

/** A field that says which vector it is. */
export const marker = "X-Vector";

const host = "Host: site.test";
const head = (lines: readonly string[]): string => `${lines.join("\r\n")}\r\n\r\n`;

/** A request with these fields after its Host. */
export function request(method: string, fields: readonly string[] = [], body = ""): string {
  return head([`${method} {path} HTTP/1.1`, host, ...fields]) + body;
}

export function get(fields: readonly string[] = []): string {
  return request("GET", fields);
}

export function post(fields: readonly string[], body = ""): string {
  return request("POST", fields, body);
}

/** A request of this request line. */
export function withLine(line: string): string {
  return head([line, host]);
}

/** What lies in bodies, and may be mistaken for a request. */
export const hidden = head(["GET {hidden} HTTP/1.1", host]);
/** What comes lawfully behind a request. */
export const next = head(["GET {next} HTTP/1.1", host]);

/** The paths are all as long as these names in braces, so that lengths hold when one takes the place of the other. */
export function pathOf(kind: "path" | "hidden" | "next", index: number): string {
  const name = { path: "p", hidden: "hide", next: "n" }[kind];
  return `/${name}${String(index).padStart(kind.length + 1 - name.length, "0")}`;
}

/** As it is written in names and tables: what is not printed as an escape. */
export function shown(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, (char) => escapes[char] ?? `\\x${char.charCodeAt(0).toString(16)}`);
}

const escapes: Readonly<Record<string, string>> = { "\0": "\\0", "\t": "\\t", "\v": "\\v" };
