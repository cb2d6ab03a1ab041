/**
 * What is asked and what is answered: the same for every rung. The request carries what a browser sends with a
 * navigation, because a proxy pays per header. The usual two answers are the two ways a slot ends: a small one with
 * a length is over with its headers, a chunked one must be watched to its end. The larger ones with a length are those that Weir takes off a busy
 * origin (64 KiB), or passes on as they come (1 MiB).
 */

/** The bodies, by their path at the origin. */
export const bodies = ["small", "chunked64k", "sized64k", "sized1m"] as const;
export type Body = (typeof bodies)[number];

/** What is measured unless other bodies are asked for. */
export const usualBodies: readonly Body[] = ["small", "chunked64k"];

export const bodyBytes: Readonly<Record<Body, number>> = {
  small: 1024,
  chunked64k: 65_536,
  sized64k: 65_536,
  sized1m: 1_048_576,
};

export const bodyTitles: Readonly<Record<Body, string>> = {
  small: "small: 1 KiB with Content-Length",
  chunked64k: "chunked64k: 64 KiB, chunked",
  sized64k: "sized64k: 64 KiB with Content-Length",
  sized1m: "sized1m: 1 MiB with Content-Length",
};

/** Twelve, besides Host. */
export const requestHeaders: Readonly<Record<string, string>> = {
  Connection: "keep-alive",
  "sec-ch-ua": '"Chromium";v="142", "Not_A Brand";v="99"',
  "sec-ch-ua-mobile": "?0",
  "sec-ch-ua-platform": '"Linux"',
  "User-Agent":
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
  "Sec-Fetch-Site": "same-origin",
  "Sec-Fetch-Mode": "navigate",
  "Sec-Fetch-Dest": "document",
  "Accept-Encoding": "gzip, deflate, br, zstd",
  "Accept-Language": "en-GB,en;q=0.9,de;q=0.7",
  Cookie: "session=4f1c9a7be2d84a6f9c0b; theme=dark; consent=all",
};

const chunks = 8;

/** The whole answer of the origin, head and body, as it goes on the wire. */
export function originAnswer(body: Body): Buffer {
  const content = Buffer.alloc(bodyBytes[body], "weir ");
  const isChunked = body === "chunked64k";
  const framing = isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${content.length}`;
  const head = [
    "HTTP/1.1 200 OK",
    `Date: ${new Date().toUTCString()}`,
    "Content-Type: text/html; charset=utf-8",
    framing,
    'ETag: "5f2b-62a1c9d4"',
    "Cache-Control: private, no-cache",
    "Vary: Accept-Encoding",
    "Connection: keep-alive",
    "Keep-Alive: timeout=65",
    "\r\n",
  ].join("\r\n");
  return Buffer.concat([Buffer.from(head), isChunked ? chunked(content) : content]);
}

function chunked(content: Buffer): Buffer {
  const size = content.length / chunks;
  const parts = Array.from({ length: chunks }, (_, index) =>
    content.subarray(index * size, (index + 1) * size),
  );
  return Buffer.concat([
    ...parts.flatMap((part) => [Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n")]),
    Buffer.from("0\r\n\r\n"),
  ]);
}
