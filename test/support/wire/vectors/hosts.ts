/** Host: missing, repeated, invalid. */
import { byParser, byWeir, get, served, shown } from "../vector.ts";
import type { Group } from "../vector.ts";

const withHost = (value: string): string => `GET {path} HTTP/1.1\r\nHost: ${value}\r\n\r\n`;

const refusedByWeir = [
  "site.test, other.test",
  "site.test:99999",
  "site.test:x",
  "user@site.test",
  "u:p@site.test",
  "site.test/other",
  "site.test#x",
  "site.test?x",
  "site.test\\x",
  "site .test",
  "site.test\tx",
  "site%2etest",
  "http://site.test",
  "[::1",
  "[::1]x",
  "*",
  ".",
  "..",
  "site..test",
];
const valid = ["site.test:80", "site.test:81", "site.test:", "site.test.", "SITE.TEST"];

export const hosts: Group = {
  title: "Host",
  vectors: [
    { name: "none", sent: "GET {path} HTTP/1.1\r\nX: y\r\n\r\n", ...byParser },
    { name: "empty", sent: "GET {path} HTTP/1.1\r\nHost:\r\n\r\n", ...byParser },
    { name: "two", sent: get(["Host: other.test"]), ...byWeir },
    { name: "two, the same", sent: get(["Host: site.test"]), ...byWeir },
    {
      name: "a space before the colon",
      sent: "GET {path} HTTP/1.1\r\nHost : site.test\r\n\r\n",
      ...byParser,
    },
    {
      name: "its value on a line of its own",
      sent: "GET {path} HTTP/1.1\r\nHost:\r\n site.test\r\n\r\n",
      ...byParser,
    },
    ...["a\0b", "s\u00edte.test"].map((value) => ({
      name: `\`${shown(value)}\``,
      sent: withHost(value),
      ...byParser,
    })),
    ...refusedByWeir.map((value) => ({ name: `\`${shown(value)}\``, sent: withHost(value), ...byWeir })),
    ...valid.map((value) => ({ name: `\`${value}\`, which is valid`, sent: withHost(value), ...served() })),
    ...["127.1", "0x7f.1", "site.test.evil.test", "[2001:db8::1]"].map((value) => ({
      name: `\`${value}\`, which is a host, but of no route`,
      sent: withHost(value),
      answered: "404 Weir",
      asked: [],
    })),
  ],
};
