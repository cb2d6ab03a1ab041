/** Request lines: methods, targets in forms that are not for a gateway, and versions. */
import { byParser, byWeir, get, marker, next, served, servedBoth, withLine } from "../vector.ts";
import type { Group } from "../vector.ts";

const target = (written: string): string => withLine(`GET ${written} HTTP/1.1`);
/** Its path gets lost, so a field says which vector it is. */
const marked = (written: string): string => get([`${marker}: {path}`]).replace("{path}", written);
const version = (written: string): string => withLine(`GET {path} ${written}`);
const method = (written: string): string => withLine(`${written} {path} HTTP/1.1`);
const unknownMethod = { answered: "501 workerd", asked: [] };

export const targets: Group = {
  title: "Targets",
  vectors: [
    { name: "`http://site.test/p`, the host of `Host`", sent: target("http://site.test{path}"), ...served() },
    {
      name: "`http://other.test/p`, another: the runtime goes by `Host`",
      sent: target("http://other.test{path}"),
      ...served(),
    },
    { name: "`https://site.test/p`", sent: target("https://site.test{path}"), ...served() },
    { name: "`ftp://other.test/p`", sent: target("ftp://other.test{path}"), ...served() },
    {
      name: "`http://other.test/p` without `Host`",
      sent: "GET http://other.test{path} HTTP/1.1\r\n\r\n",
      ...byParser,
    },
    {
      name: "`other.test:80`: the runtime takes it for `/`",
      sent: marked("other.test:80"),
      ...served("GET /"),
    },
    { name: "`p`, no slash before it: the runtime takes it for `/`", sent: marked("p"), ...served("GET /") },
    { name: "`@other.test/p`", sent: target("@other.test{path}"), ...byParser },
    { name: "`.other.test/p`", sent: target(".other.test{path}"), ...byParser },
    { name: "`:81/p`", sent: target(":81{path}"), ...byParser },
    { name: "`?/p`", sent: target("?{path}"), ...byParser },
    { name: "`\\other.test/p`", sent: target("\\other.test{path}"), ...byParser },
    {
      name: "`//other.test/p`: a path, sent with one slash",
      sent: target("//other.test{path}"),
      ...served("GET /other.test{path}"),
    },
    { name: "`*`", sent: withLine("OPTIONS * HTTP/1.1"), ...byWeir },
    {
      name: "`CONNECT other.test:80`",
      sent: withLine("CONNECT other.test:80 HTTP/1.1"),
      answered: "500 workerd",
      asked: [],
    },
    { name: "empty", sent: target(""), ...byParser },
    { name: "NUL in it", sent: target("{path}\0x"), ...byParser },
    { name: "a tab in it", sent: target("{path}\tx"), ...byParser },
    { name: "a space in it", sent: target("{path} x"), ...byParser },
    { name: "bytes above 0x7F in it", sent: target("{path}\u00e9"), ...byParser },
    { name: "`.` overlong, not encoded", sent: target("{path}/\u00c0\u00ae\u00c0\u00ae/x"), ...byParser },
    { name: "`#x` after it", sent: target("{path}#x"), ...served() },
    { name: "20,000 bytes", sent: target(`{path}/${"a".repeat(20_000)}`), answered: "414 Weir", asked: [] },
    {
      name: "200,000 bytes",
      sent: target(`{path}/${"a".repeat(200_000)}`),
      answered: "414 workerd",
      asked: [],
    },
  ],
};

export const methods: Group = {
  title: "Methods and versions",
  vectors: [
    ...["FOO", "get", "TRACK", "M-SEARCH"].map((name) => ({
      name: `the method \`${name}\``,
      sent: method(name),
      ...unknownMethod,
    })),
    ...["PROPFIND", "PURGE", "QUERY"].map((name) => ({
      name: `the method \`${name}\``,
      sent: method(name),
      ...served(`${name} {path}`),
    })),
    ...["G@T", "G(T", "GE\\0T"].map((name) => ({
      name: `the method \`${name}\``,
      sent: method(name.replace("\\0", "\0")),
      ...byParser,
    })),
    { name: "a method of 5,000 letters", sent: method("A".repeat(5_000)), ...unknownMethod },
    { name: "no method", sent: method(""), ...byParser },
    { name: "a space before the method", sent: ` ${get()}`, ...byParser },
    { name: "two spaces after the method", sent: withLine("GET  {path} HTTP/1.1"), ...byParser },
    { name: "tabs in place of spaces", sent: withLine("GET\t{path}\tHTTP/1.1"), ...byParser },
    { name: "more text after the version", sent: version("HTTP/1.1 x"), ...byParser },
    ...["HTTP/1.2", "HTTP/2.0", "HTTP/11.1", "http/1.1", "XTTP/1.1"].map((written) => ({
      name: `the version \`${written}\``,
      sent: version(written),
      ...byParser,
    })),
    { name: "HTTP/1.0", sent: version("HTTP/1.0"), ...served() },
    {
      name: "HTTP/1.0 that keeps the connection",
      sent: `GET {path} HTTP/1.0\r\nHost: site.test\r\nConnection: keep-alive\r\n\r\n${next}`,
      ...servedBoth("GET {path}"),
    },
    { name: "HTTP/1.0 without `Host`", sent: "GET {path} HTTP/1.0\r\n\r\n", ...byParser },
    { name: "HTTP/0.9", sent: "GET {path}\r\n", ...byParser },
    {
      name: "the preface of HTTP/2",
      sent: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0",
      answered: "closed",
      asked: [],
    },
    { name: "TLS", sent: "\u0016\u0003\u0001\0\u0005hello", ...byParser },
    {
      name: "`Upgrade: h2c`",
      sent:
        get([
          "Connection: Upgrade, HTTP2-Settings",
          "Upgrade: h2c",
          "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
        ]) + next,
      ...servedBoth("GET {path}"),
    },
    {
      name: "`Upgrade: TLS/1.2`",
      sent: get(["Connection: Upgrade", "Upgrade: TLS/1.2"]) + next,
      ...servedBoth("GET {path}"),
    },
    {
      name: "a WebSocket of an unknown version, and a request after it",
      sent: get(["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 8"]) + next,
      answered: "426 Weir, 200",
      asked: ["GET {next}"],
    },
  ],
};
