/** Where a body ends, by its length: what is not exactly digits, or is said twice. */
import { byParser, byWeir, get, hidden, next, post, request, served, servedBoth, shown } from "../vector.ts";
import type { Group, Vector } from "../vector.ts";

const odd = [
  ..."+5|-5|0x5|5.0|5e0|5 5|5;|5_0|five|5, 5|5, 6||99999999999999999999|18446744073709551621".split("|"),
  "5\v",
  "5\u00a0",
];

const refused = odd.map((value): Vector => {
  return {
    name: `\`Content-Length: ${shown(value)}\``,
    sent: post([`Content-Length: ${value}`], `hello${hidden}`),
    ...byParser,
  };
});

const valid = ["05", "5 ", "5\t", "\t5"].map((value): Vector => {
  return {
    name: `\`Content-Length:${value.startsWith("\t") ? "" : " "}${shown(value)}\`, which is 5`,
    sent: post([`Content-Length: ${value}`], `hello${next}`),
    ...servedBoth("POST {path}, 5 bytes"),
  };
});

export const lengths: Group = {
  title: "Content-Length",
  vectors: [
    ...refused,
    ...valid,
    {
      name: "twice, the same",
      sent: post(["Content-Length: 5", "Content-Length: 5"], `hello${next}`),
      ...servedBoth("POST {path}, 5 bytes"),
    },
    {
      name: "twice, the shorter first",
      sent: post(["Content-Length: 5", `Content-Length: ${5 + hidden.length}`], `hello${hidden}`),
      ...byParser,
    },
    {
      name: "twice, the longer first",
      sent: post([`Content-Length: ${5 + hidden.length}`, "Content-Length: 5"], `hello${hidden}`),
      ...byParser,
    },
    {
      name: "`Content-Length : 5`",
      sent: post(["Content-Length : 5"], `hello${hidden}`),
      ...byParser,
    },
    {
      name: "its value on a line of its own",
      sent: post(["Content-Length:\r\n 5"], `hello${hidden}`),
      ...byParser,
    },
    {
      name: "`Content_Length: 5`, another name, and no `Content-Length`",
      sent: post(["Content_Length: 5"], next),
      ...servedBoth("POST {path}"),
    },
    { name: "no `Content-Length`, with `POST`", sent: post([], next), ...servedBoth("POST {path}") },
    {
      name: "a request within a body",
      sent: post([`Content-Length: ${hidden.length}`], hidden),
      ...served(`POST {path}, ${hidden.length} bytes`),
    },
    {
      name: "… of a request that no route takes",
      sent: post([`Content-Length: ${hidden.length}`], hidden).replace("site.test", "none.test"),
      answered: "404 Weir",
      asked: [],
    },
    {
      name: "a body that ends too early",
      sent: post(["Content-Length: 50"], "hello"),
      ...byWeir,
    },
    {
      name: "`9007199254740993`, of which five bytes come",
      sent: post(["Content-Length: 9007199254740993"], "hello"),
      ...byWeir,
    },
    ...["GET", "HEAD"].map((method) => ({
      name: `a request within the body of \`${method}\``,
      sent: request(method, [`Content-Length: ${hidden.length}`], hidden),
      ...byWeir,
    })),
    ...["DELETE", "OPTIONS", "TRACE", "PUT"].map((method) => ({
      name: `a request within the body of \`${method}\``,
      sent: request(method, [`Content-Length: ${hidden.length}`], hidden),
      ...served(`${method} {path}, ${hidden.length} bytes`),
    })),
    {
      name: "a request within the chunked body of `GET`",
      sent: `${get(["Transfer-Encoding: chunked"])}${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
      ...byWeir,
    },
    {
      name: "`GET` with `Content-Length: 0`",
      sent: get(["Content-Length: 0"]) + next,
      ...servedBoth("GET {path}"),
    },
    {
      name: "`Expect: 100-continue`",
      sent: post(["Expect: 100-continue", "Content-Length: 5"], "hello"),
      answered: "100 workerd, 200",
      asked: ["POST {path}, 5 bytes"],
    },
    {
      name: "`Expect: 100-continue`, and then no body",
      sent: post(["Expect: 100-continue", "Content-Length: 5"]),
      answered: "100 workerd, 400 Weir",
      asked: [],
    },
    {
      name: "`Expect: nothing`",
      sent: post(["Expect: nothing", "Content-Length: 5"], "hello"),
      ...served("POST {path}, 5 bytes"),
    },
  ],
};
