/** Where lines end, and what fields are made of. */
import { byParser, get, hidden, next, post, served, servedBoth } from "../vector.ts";
import type { Group } from "../vector.ts";

const host = "Host: site.test";

export const lines: Group = {
  title: "Lines and fields",
  vectors: [
    { name: "LF alone at the end of all lines", sent: `GET {path} HTTP/1.1\n${host}\n\n`, ...served() },
    { name: "LF alone after the request line", sent: `GET {path} HTTP/1.1\n${host}\r\n\r\n`, ...served() },
    {
      name: "LF alone in a value: another field begins",
      sent: get(["X: a\nX-More: 1"]),
      ...served("GET {path}, x: a, x-more: 1"),
    },
    {
      name: "LF alone before the body",
      sent: `POST {path} HTTP/1.1\r\n${host}\r\nContent-Length: ${hidden.length}\n\n${hidden}`,
      ...served(`POST {path}, ${hidden.length} bytes`),
    },
    { name: "CR alone in a value", sent: get(["X: a\rX-More: 1"]), ...byParser },
    { name: "CR alone at the end of all lines", sent: `GET {path} HTTP/1.1\r${host}\r\r`, ...byParser },
    { name: "CR CR LF", sent: `GET {path} HTTP/1.1\r\r\n${host}\r\n\r\n`, ...byParser },
    { name: "a value that continues on the next line after a space", sent: get(["X: a", " b"]), ...byParser },
    { name: "… after a tab", sent: get(["X: a", "\tb"]), ...byParser },
    {
      name: "a first field that begins with a space",
      sent: `GET {path} HTTP/1.1\r\n X: y\r\n${host}\r\n\r\n`,
      ...byParser,
    },
    { name: "NUL in a value", sent: get(["X: a\0b"]), ...byParser },
    { name: "NUL in a name", sent: get(["X\0Y: a"]), ...byParser },
    { name: "NUL before the request", sent: `\0${get()}`, ...byParser },
    {
      name: "other control characters in a value",
      sent: get(["X: a\u0001\u007fb"]),
      ...served("GET {path}, x: a\u0001\u007fb"),
    },
    { name: "a space before the colon", sent: get(["X : 1"]), ...byParser },
    { name: "no name", sent: get([": 1"]), ...byParser },
    { name: "no colon", sent: get(["X"]), ...byParser },
    { name: "a space in a name", sent: get(["X Y: 1"]), ...byParser },
    { name: "`(`, `)` in a name", sent: get(["X(Y): 1"]), ...byParser },
    { name: "bytes above 0x7F in a name", sent: get(["X\u00e9: 1"]), ...byParser },
    {
      name: "`!#$%&'*+.^_~` in a name, which is valid",
      sent: get(["X!#$%&'*+.^_~: 1"]),
      ...served("GET {path}, x!#$%&'*+.^_~: 1"),
    },
    {
      name: "`X_Forwarded_For`, `X_Weir_Session`, `X.Real.IP`, which CGI reads as those with hyphens",
      sent: get(["X_Forwarded_For: 192.0.2.1", "X_Weir_Session: a", "X.Real.IP: 192.0.2.1", "X_Own: 1"]),
      ...served("GET {path}, x_own: 1"),
    },
    {
      name: "`Connection` names `X-Forwarded-For`, `X-Real-IP`, `Host`, `Content-Length`, `CDN-Loop`",
      sent: post(
        [
          "Connection: X-Forwarded-For, X-Real-IP, X-Request-Id, Host, Content-Length, CDN-Loop, X-Mine",
          "X-Mine: 1",
          "Content-Length: 5",
        ],
        `hello${next}`,
      ),
      ...servedBoth("POST {path}, 5 bytes"),
    },
    {
      name: "`X-HTTP-Method-Override: DELETE`",
      sent: get(["X-HTTP-Method-Override: DELETE"]),
      ...served("GET {path}, x-http-method-override: DELETE"),
    },
    {
      name: "70,000 bytes in one field",
      sent: get([`X: ${"a".repeat(70_000)}`]),
      answered: "431 Weir",
      asked: [],
    },
    {
      name: "70,000 bytes in 7,000 fields",
      sent: get(Array.from({ length: 7_000 }, (_, at) => `X-${at}: aaaa`)),
      answered: "431 Weir",
      asked: [],
    },
    {
      name: "1,000,000 bytes in one field",
      sent: get([`X: ${"a".repeat(1_000_000)}`]),
      answered: "431 workerd",
      asked: [],
    },
    { name: "empty lines before the request", sent: `\r\n\r\n${get()}`, ...served() },
    { name: "two requests in one segment", sent: get() + next, ...servedBoth("GET {path}") },
  ],
};
