/** Texts that are long in the ways that make parsers slow: a piece over and over, with something before and behind it. */

export type Shape = readonly [head: string, piece: string, tail: string];

/** The shape with about `chars` characters. */
export function textOf([head, piece, tail]: Shape, chars: number): string {
  const room = chars - head.length - tail.length;
  return head + piece.repeat(Math.max(1, Math.floor(room / piece.length))) + tail;
}

const over = (...pieces: string[]): Shape[] => pieces.map((piece) => ["", piece, ""]);

/** Runs of one sort that something else ends, and lists of what is short: what any grammar of fields has. */
export const ofFields: readonly Shape[] = [
  ...over(
    "a",
    " ",
    "\t",
    ",",
    ";",
    "=",
    '"',
    "\\",
    "a,",
    "a;",
    "a=",
    "a b",
    ", ",
    "; ",
    "a=b;",
    "a=b, ",
    '",',
  ),
  ["a", " ", "x"],
  ["a,", " ", "x, b"],
  ["a;", "\t ", "x; b"],
  ['a="', "\\", "x"],
  ['a="', 'b\\"', ""],
  ['a="', ',b="', ""],
  ["a=", "a", "@"],
];

export const ofCookies: readonly Shape[] = [
  ...ofFields,
  ...over("weir=,", "weir=;", "weir=,;", "a,weir=,", "weir,"),
  ["weir=1;", "a,", "weir=2"],
];

export const ofAddresses: readonly Shape[] = [
  ...over(
    "1.",
    "1",
    ":",
    "::",
    "a:",
    "f::",
    "[",
    "10.0.0.1, ",
    "10.0.0.1:80,",
    "::ffff:10.0.0.1,",
    "[::1]:80, ",
  ),
  ["[", "a:", "]"],
  ["10.0.0.9, ", "10.0.0.1,", "10.0.0.2"],
  ["1.2.3.4,", " ", "x, 10.0.0.2"],
];

export const ofForwarded: readonly Shape[] = [
  ...ofFields,
  ...over("for=10.0.0.1,", "for=10.0.0.1;", 'for="[::1]", ', 'for="', 'for="",', "for=", 'for="\\'),
  ["for=1.2.3.4,", " ", "x, for=10.0.0.7"],
  ["for=1.2.3.4;", " \t", ""],
  ["for=10.0.0.1;host=", "a.", ""],
];

export const ofHosts: readonly Shape[] = [
  ...over("a", "a.", ".", "-", "_", "1", "1.", ":", "[", "a-"),
  ["", "a.", "@"],
  ["", "a", "@"],
  ["[", "a:", "]:80"],
  ["a:", "1", ""],
];

/** Behind a slash. */
export const ofPaths: readonly Shape[] = [
  ...over(
    "a",
    "/",
    "/a",
    "//",
    "/.",
    "/..",
    "/../",
    "/a/../",
    "\\",
    ";",
    ";a",
    "/;",
    "%",
    "%2",
    "%2f",
    "%2F/",
    "%252f",
  ),
  ...over(
    "%25",
    "%5c",
    "%3f",
    "%23",
    "%3b",
    "%09",
    "%0a%3f",
    "%20",
    "%c0%af",
    "%25c0%25af",
    "%61",
    "%2561",
    "?",
    "&",
    "a=b&",
  ),
  ["%3f", "%0a", "%3f"],
  ["?", "a=b&", ""],
  ["", "%20", "x"],
];

export const ofUrls: readonly Shape[] = [
  ...ofPaths.map(([head, piece, tail]): Shape => [`http://10.0.0.1:8080/${head}`, piece, tail]),
  ...ofHosts.map(([head, piece, tail]): Shape => [`http://${head}`, piece, `${tail}/x`]),
  ...over("/", "//", "http:", "\\", "a"),
];

export const ofRefresh: readonly Shape[] = [
  ...over(" ", "1", ".", ";", "1;", "u"),
  ["0", " ", "x"],
  ["0;", " ", "'"],
  ["0;url", " ", "x"],
  ["0;url=", "a", " x"],
  ["0;url=", "a'", ""],
  ["0;url=a", " ", "x"],
];

export const ofSetCookies: readonly Shape[] = [
  ...ofFields,
  ...over(";Domain=a", ";Path=/a", ";Domain", "; path =  "),
  ["a=b; Path=", "/", ""],
  ["a=b; Domain=", ".", ""],
  ["a=b; Path=", " ", "x"],
];

export const ofHeads: readonly Shape[] = [
  ["HTTP/1.1 200 ", "a", "\r\n\r\n"],
  ["HTTP/1.1 200 ", "\t ", "\r\n\r\n"],
  ["HTTP/1.1 200 OK\r\n", "a:b\r\n", "\r\n"],
  ["HTTP/1.1 200 OK\r\nX:", " ", "x\r\n\r\n"],
  ["HTTP/1.1 200 OK\r\nX: a", " ", "x\r\n\r\n"],
  ["HTTP/1.1 200 OK\r\nX", " ", ": x\r\n\r\n"],
  ["HTTP/1.1 200 OK\r\n", "\n", ""],
  ["HTTP/1.1 200 OK\r\n", "\r", "\n\r\n"],
  ["HTTP/1.1 200 OK\r\nX: ", "\u00ff", "\r\n\r\n"],
  ["HTTP/1.1 200 OK\r\nX: ", "\u00c3\u00a4", "\r\n\r\n"],
  ["HTTP/1.1 200 OK\r\n", "\u00ff", ":\r\n\r\n"],
];

export const ofChunks: readonly Shape[] = [
  ...over("1\r\na\r\n", "0", "f", "1;", "a", "\r\n"),
  ["1;", "a", "\r\n"],
  ["1", " ", "\r\n"],
  ["0\r\n", "a:b\r\n", "\r\n"],
  ["0\r\na: ", "b", "\r\n\r\n"],
];
