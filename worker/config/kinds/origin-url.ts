/**
 * An origin's URL says where it is and nothing else: scheme, host, port, and a path that goes before each request's
 * own. Credentials would end up in logs and metrics (a probe's header and `${ENV:NAME}` are for them); a query or a
 * fragment would have to be merged into every request.
 */

import { text } from "./fields.ts";

/** The URL in its canonical form, without a slash at its end; `undefined` if it is not an origin's. */
export function parseOriginUrl(text: string): string | undefined {
  if (
    !/^https?:\/\/[^\s\p{Cc}/?#\\][^\s\p{Cc}?#\\]*$/iu.test(text) ||
    // A URL parser takes the name of a socket's scheme for a host, and no port for port 80.
    /^https?:\/\/unix:(?!\d)/i.test(text) ||
    text.length > 2048 ||
    !URL.canParse(text)
  )
    return undefined;
  const { origin, pathname, username, password, port } = new URL(text);
  return username + password === "" && port !== "0" ? origin + pathname.replace(/\/+$/, "") : undefined;
}

const originUrlExpected = "an http: or https: URL without credentials, query or fragment";

const listen =
  'let the server listen on a port (uWSGI: http-socket = 127.0.0.1:8080; gunicorn: --bind 127.0.0.1:8080), and write "http://127.0.0.1:8080"';

/** What people write that come from another proxy's configuration, and what to write instead. */
const habits: readonly (readonly [RegExp, string])[] = [
  [
    /^s?uwsgi:/i,
    'HTTP, which uWSGI speaks on http-socket (http-socket = 127.0.0.1:8080 instead of socket = …), and here: "http://127.0.0.1:8080"',
  ],
  [
    /^(?:fastcgi|fcgi|scgi|ajp):/i,
    "HTTP: the URL of a web server that stands before that one (nginx or Apache before PHP-FPM), or of its own HTTP port",
  ],
  [/^(?:unix:|\.{0,2}\/|https?:\/\/unix:(?!\d)|https?\+unix:)/i, `no Unix socket: ${listen}`],
  [/^tcp:/i, 'HTTP: "http://" instead of "tcp://"'],
  [/^wss?:/i, '"http://" or "https://": WebSockets pass through them'],
  [
    /^(?:grpcs?|h2c?):/i,
    '"http://" or "https://"; of gRPC calls the trailers are lost on the platform (docs/http.md)',
  ],
  [/^(?:[\w.-]+|\[[\da-f:.]+\]):\d+(?:\/|$)/i, 'a scheme, too: "http://" or "https://" before the host'],
  [/^[\w-]+(?:\.[\w-]+)+(?:\/|$)/, 'a scheme, too: "http://" or "https://" before the host'],
  [
    /^https?:\/\/[^/?#@]*:(?:0+|\d{6,}|[7-9]\d{4}|6[6-9]\d{3}|65[6-9]\d\d|655[4-9]\d|6553[6-9])(?:[/?#]|$)/i,
    "a port from 1 to 65535",
  ],
];

/** What should stand in place of a text that is not an origin's URL. It repeats nothing of the text. */
export function originUrlAdvice(text: string): string {
  return habits.find(([habit]) => habit.test(text))?.[1] ?? originUrlExpected;
}

export const originUrl = text(originUrlExpected, parseOriginUrl, originUrlAdvice).meta({
  examples: ["https://a.example.com"],
  pattern: "^[Hh][Tt][Tt][Pp][Ss]?://",
});
