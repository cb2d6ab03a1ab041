/**
 * What a config does to the headers of a request or an answer: it takes some off, then sets, completes and adds others, whose values are
 * templates. As nginx's `proxy_set_header`, `proxy_hide_header` and `add_header`, Apache's `Header` and HAProxy's `set-header`. An empty value
 * takes the header off, as with nginx.
 *
 * Every value is escaped for a header, so nothing that a client sends ends one; and all values together have a bound, since a template may
 * repeat what a client sends.
 */
import { escapeFor } from "../templates/escape.ts";
import { render, type Template, type ValueOf } from "../templates/template.ts";
import { isOwned, type Direction } from "./owned.ts";

/** The headers of a message, as the platform has them. */
export interface HeaderFields {
  has(name: string): boolean;
  set(name: string, value: string): void;
  append(name: string, value: string): void;
  delete(name: string): void;
  keys(): Iterable<string>;
}

/** Statuses from one to another, both included. */
export interface StatusSpan {
  readonly from: number;
  readonly to: number;
}

/** `set`: in place of what is there; `default`: where nothing is there; `add`: beside what is there. */
export type HowWritten = "set" | "default" | "add";

export interface HeaderWrite {
  readonly name: string;
  readonly how: HowWritten;
  readonly values: readonly Template[];
  /** The answers that it is for; absent: all. */
  readonly statuses?: readonly StatusSpan[];
}

/** With the values of one request; none of them is empty. */
export interface RenderedWrite {
  readonly write: HeaderWrite;
  readonly texts: readonly string[];
}

/** One header, or all whose names begin so, but for those that Weir vouches for. Names are in lower case. */
export type Removal = { readonly name: string } | { readonly prefix: string };

export interface HeaderEdits {
  readonly removed: readonly Removal[];
  /** In the order in which they are done. */
  readonly writes: readonly HeaderWrite[];
}

/** Whether the values are the same for every request. */
export function isConstant({ writes }: HeaderEdits): boolean {
  return writes.every(({ values }) =>
    values.every((value) => value.every((piece) => typeof piece === "string")),
  );
}

/** The values of one request; `undefined` if names and values together are longer than `longest` characters. */
export function renderWrites(
  writes: readonly HeaderWrite[],
  valueOf: ValueOf,
  longest: number,
): readonly RenderedWrite[] | undefined {
  const rendered: RenderedWrite[] = [];
  let left = longest;
  for (const write of writes) {
    const texts: string[] = [];
    for (const value of write.values) {
      const text = render(value, valueOf, (said, variable) => {
        left -= said.length;
        return left < 0 ? "" : escapeFor("header", said, variable);
      }).trim();
      left -= text.length + write.name.length;
      if (left < 0) return undefined;
      if (text !== "") texts.push(text);
    }
    rendered.push({ write, texts });
  }
  return rendered;
}

/** Takes headers off. */
export function removeFields(fields: HeaderFields, removed: readonly Removal[], direction: Direction): void {
  for (const removal of removed) {
    if ("name" in removal) fields.delete(removal.name);
    else {
      const meant = [...fields.keys()].filter((name) => name.toLowerCase().startsWith(removal.prefix));
      for (const name of meant) if (!isOwned(direction, name)) fields.delete(name);
    }
  }
}

/** Writes headers. @param status the answer's; absent: it is a request. */
export function writeFields(fields: HeaderFields, writes: readonly RenderedWrite[], status?: number): void {
  for (const { write, texts } of writes) {
    const { name, how, statuses } = write;
    if (status !== undefined && statuses?.some(({ from, to }) => from <= status && status <= to) === false)
      continue;
    if (how === "default" && fields.has(name)) continue;
    if (how === "set") fields.delete(name);
    for (const text of texts) fields.append(name, text);
  }
}

/** What nginx's `add_header` is for without `always`: answers that have what was asked for, or say where it is. */
const successful: readonly StatusSpan[] = [
  { from: 200, to: 201 },
  { from: 204, to: 204 },
  { from: 206, to: 206 },
  { from: 301, to: 304 },
  { from: 307, to: 308 },
];

const aboutContent =
  /^(?:content-(?!security-policy).*|cache-control|expires|pragma|age|etag|last-modified|accept-ranges|cache-tag|(?:.*-)?cdn-cache-control|surrogate-.*)$/;

/**
 * The answers that a header is for, if the config does not say it: one that describes the content, or says how long it may be kept, is for answers that
 * have it, since a cached error would outlive its cause. `undefined`: all answers.
 */
export function defaultStatuses(name: string): readonly StatusSpan[] | undefined {
  return aboutContent.test(name.toLowerCase()) ? successful : undefined;
}
