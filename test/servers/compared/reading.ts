/**
 * What an application reads of a path and query: the segments of the path and the arguments of the query, decoded. Two spellings of one reading are the same to it
 * (CGI, WSGI, Rack, Express: each hands these on decoded). An encoded slash stays within its segment.
 */

/** @param target a path with its query, or a whole URL. */
export function readingOf(target: string): string {
  const [, origin = "", path = "", query = ""] = /^(\w+:\/\/[^/?]*)?([^?]*)\??(.*)$/s.exec(target) ?? [];
  const segments = path.split("/").map(decoded);
  const args = query.split("&").map((argument) => {
    const [name = "", ...value] = argument.replaceAll("+", " ").split("=");
    return [decoded(name), decoded(value.join("="))];
  });
  return JSON.stringify([origin, segments, args]);
}

/** Each byte as a character: what is no UTF-8 is decoded, too. */
function decoded(text: string): string {
  const bytes = Buffer.from(text, "latin1").toString("latin1");
  return bytes.replaceAll(/%([\da-f]{2})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}
