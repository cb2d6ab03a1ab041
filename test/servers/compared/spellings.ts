/**
 * A path in all the ways in which clients write paths: with a query or an empty one, with what needs no encoding encoded, with what does need one not, and with
 * what some servers read in two ways. Where proxies differ, it is here.
 */

export interface Spelling {
  readonly name: string;
  /** @param path from "/", with a letter behind it and no query. */
  readonly write: (path: string, host: string) => string;
}

/** With this in place of the last slash. */
const lastSlash = (path: string, text: string): string => path.replace(/\/(?=[^/]*$)/, () => text);
const firstSegment = (path: string): string => /^\/[^/]*/.exec(path)?.[0] ?? "";
const encodeFirst = (path: string): string =>
  path.replace(/[a-z]/i, (letter) => `%${letter.charCodeAt(0).toString(16)}`);

export const spellings: readonly Spelling[] = [
  { name: "empty query", write: (path) => `${path}?` },
  { name: "query", write: (path) => `${path}?a=1&b=%20+%2F&c` },
  { name: "two question marks", write: (path) => `${path}?a?b` },
  { name: "query with signs that browsers send", write: (path) => `${path}?a=|\`{}^[]` },
  { name: "query with signs that browsers encode", write: (path) => `${path}?a="<>` },
  { name: "query with letters not encoded", write: (path) => `${path}?a=\u00C3\u00A9` },
  { name: "two slashes at the beginning", write: (path) => `/${path}` },
  { name: "two slashes at the end", write: (path) => lastSlash(path, "//") },
  { name: "slash at the end", write: (path) => `${path}/` },
  { name: "dot segment", write: (path) => `/.${path}` },
  { name: "dot segments that lead back", write: (path) => `${firstSegment(path)}/..${path}` },
  { name: "dot segments that lead out", write: (path) => `/..${path}` },
  { name: "dots encoded", write: (path) => `${firstSegment(path)}/%2e%2E${path}` },
  { name: "dots behind an encoded slash", write: (path) => `${firstSegment(path)}%2f..${path}` },
  { name: "needless encoding", write: encodeFirst },
  { name: "slash encoded", write: (path) => lastSlash(path, "%2F") },
  { name: "backslash", write: (path) => lastSlash(path, "\\") },
  { name: "backslash encoded", write: (path) => lastSlash(path, "%5C") },
  { name: "parameter", write: (path) => `${path};a=1` },
  { name: "parameter in between", write: (path) => lastSlash(path, ";a=1/") },
  { name: "space encoded", write: (path) => `${path}%20b` },
  { name: "plus", write: (path) => `${path}+b` },
  { name: "letters encoded", write: (path) => `${path}%C3%A9` },
  { name: "letters encoded in small letters", write: (path) => `${path}%c3%a9` },
  { name: "letters not encoded", write: (path) => `${path}\u00C3\u00A9` },
  { name: "bytes that are no letters", write: (path) => `${path}%FF` },
  { name: "signs", write: (path) => `${path}!$&'()*,:=@~-._` },
  { name: "signs encoded", write: (path) => `${path}%21%24%26%27%28%29%2A%2B%2C%3A%3B%3D%40%7E` },
  { name: "signs that browsers send", write: (path) => `${path}|[]` },
  { name: "signs that browsers encode", write: (path) => `${path}"{}^` },
  { name: "brackets not encoded", write: (path) => `${path}<>` },
  { name: "question mark encoded", write: (path) => `${path}%3Fa=1` },
  { name: "hash encoded", write: (path) => `${path}%23a` },
  { name: "percent encoded", write: (path) => `${path}%25` },
  { name: "encoded twice", write: (path) => `${path}%2541` },
  { name: "line break encoded", write: (path) => `${path}%0Ab` },
  { name: "NUL encoded", write: (path) => `${path}%00` },
  { name: "percent sign alone", write: (path) => `${path}%` },
  { name: "no encoding", write: (path) => `${path}%zz` },
  { name: "capitals", write: (path) => path.toUpperCase() },
  { name: "whole URL", write: (path, host) => `http://${host}${path}?a=1` },
];
