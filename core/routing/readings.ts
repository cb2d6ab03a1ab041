/**
 * What a path may say to a server. Some decode `%2F` and then resolve `..`, Java's cut `;x` from each segment first, some decode
 * twice, or end it at `%3F`; there are CVEs for each. What all of them together could make of it is what routes are chosen by.
 *
 * A path that begins with two slashes is to a parser of URLs the name of a host and that one's path (RFC 3986 §4.2): Node's
 * `new URL(req.url, base)` and Python's `urlsplit` read `//x/admin` as `/admin`, and a redirect to it leads to the host `x`
 * (Django's CVE-2018-14574). The URL standard also drops tabs and line breaks wherever they are, and spaces at the end.
 */
import { withoutGaps } from "./path.ts";

/** No server that we know decodes a path more often than this. */
const maxDecodings = 3;
/** A path that needs many readings, and these so long, was made up; to look at more costs more than to serve a request. */
const maxReadChars = 32_768;

const none: readonly string[] = [];

/**
 * What else servers may take a routing path for; `undefined` if it has a dot segment or a NUL in any of these readings, or names a
 * host there; if a `%` in it begins no encoding; or if there are too many of them.
 */
export function otherReadings(path: string): readonly string[] | undefined {
  if (!/[%;]/.test(path)) return none;
  if (/%(?![\da-f]{2})/i.test(path)) return undefined;
  const readings = new Set<string>();
  let texts = [path];
  for (let decodings = 0; decodings <= maxDecodings; decodings += 1) {
    const read = texts.flatMap(undecodedReadings);
    if (read.length > 4 && read.length * path.length > maxReadChars) return undefined;
    if (read.some((text) => leadsAway.test(text))) return undefined;
    for (const text of read) readings.add(withoutGaps(text));
    texts = [...new Set(read.flatMap(decodedReadings))];
    if (texts.length === 0) break;
  }
  return [...readings];
}

/** NUL, two slashes of either kind at the beginning, a dot segment. */
const leadsAway = /\0|^[/\\]{2}|(?:^|\/)\.{1,2}(?:\/|$)/;

/** What it says to a server that reads it by the URL standard, or that does not, and goes on with it. */
function undecodedReadings(path: string): readonly string[] {
  const standard = path.replaceAll(/[\t\n\r]/g, "").trimEnd();
  return standard === path ? slashReadings(path) : [...slashReadings(path), ...slashReadings(standard)];
}

/** What it says to a server that takes a backslash for a slash, that cuts parameters, or does both in either order. */
function slashReadings(path: string): readonly string[] {
  if (!/[;\\]/.test(path)) return [path];
  const turned = withSlashes(path);
  const cut = withoutParameters(path);
  return [...new Set([path, turned, cut, withoutParameters(turned), withSlashes(cut)])];
}

function withSlashes(path: string): string {
  return path.replaceAll("\\", "/");
}

/** RFC 3986 §3.3: `;` begins what concerns its segment only. */
function withoutParameters(path: string): string {
  return path.replaceAll(/;[^/]*/g, "");
}

/** ASCII in UTF-8 of two, three or four bytes, which is none (RFC 3629 §3), but was read as such often enough. */
const overlong = /%(?:f0%80%8|e0%8|c)(?<high>[01])%(?<low>[89ab][\da-f])/gi;

const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

/** What the URL standard leaves as it is in a path, what it drops, `%` and NUL. */
const decodable: ReadonlySet<string> = new Set(
  ascii.filter((char) => /[\0\t\n\r !$-;=@-\]_a-z|~]/.test(char)),
);

/** What it says decoded once, to a server that knows UTF-8, and to one that does not; nothing if that changes nothing. */
function decodedReadings(path: string): readonly string[] {
  if (!path.includes("%")) return none;
  const plain = path.replaceAll(overlong, (_, high: string, low: string) => {
    const code = (Number(high) << 6) | (Number.parseInt(low, 16) & 0x3f);
    return `%${code.toString(16).padStart(2, "0")}`;
  });
  const texts = new Set([path, plain, withoutQuery(path), withoutQuery(plain)]);
  return [...texts].map(decode).filter((text) => text !== path);
}

/** What is left for a server that decodes it, and takes the result for a URL again (Apache's CVE-2024-38474). */
function withoutQuery(path: string): string {
  return path.replace(/%(?:3f|23).*$/is, "");
}

/** Decodes what has a meaning, or may stand in a route's path without encoding; what stays has capitals, as in `routingPath`. */
function decode(path: string): string {
  return path
    .replaceAll(/%[0-7][\da-f]/gi, (sequence) => {
      const char = ascii[Number.parseInt(sequence.slice(1), 16)] ?? "";
      return decodable.has(char) ? char : sequence;
    })
    .replaceAll(/%(?:[a-f][\da-fA-F]|[\dA-F][a-f])/g, (sequence) => sequence.toUpperCase());
}
