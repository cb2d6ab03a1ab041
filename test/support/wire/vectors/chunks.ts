/** What a chunked body is made of. */
import { brokenBody, hidden, next, post, served, servedBoth, shown } from "../vector.ts";
import type { Group, Outcome, Vector } from "../vector.ts";

const chunked = (name: string, body: string, outcome: Outcome): Vector => ({
  name,
  sent: post(["Transfer-Encoding: chunked"], body),
  ...outcome,
});
const abc = "POST {path}, 3 bytes";
const broken = (name: string, body: string): Vector => chunked(name, body, brokenBody);
const end = "\r\n0\r\n\r\n";

export const chunks: Group = {
  title: "Chunks",
  vectors: [
    chunked("valid chunks", `3\r\nabc${end}${next}`, servedBoth(abc)),
    chunked("an extension: `3;a=b`", `3;a=b\r\nabc${end}${next}`, servedBoth(abc)),
    chunked("an extension with a quote that is not closed", `3;a="b\r\nabc${end}${next}`, servedBoth(abc)),
    chunked("a space after the size", `3 \r\nabc${end}${next}`, servedBoth(abc)),
    chunked("zeros before the size", `${"0".repeat(24)}3\r\nabc${end}${next}`, servedBoth(abc)),
    chunked("the last one of size `00`", `3\r\nabc\r\n00\r\n\r\n${next}`, servedBoth(abc)),
    broken("an extension with a bare LF", `3;a\nabc${end}`),
    broken("an extension of 20,000 bytes", `3;${"a".repeat(20_000)}\r\nabc${end}`),
    ...["0x3", "+3", "-3", "", "g", "3\u00a0"].map((size) =>
      broken(size === "" ? "no size" : `the size \`${shown(size)}\``, `${size}\r\nabc${end}`),
    ),
    broken("the size 2^64 + 3", `10000000000000003\r\nabc${end}`),
    broken("the size 2^64 - 1", `ffffffffffffffff\r\nabc${end}`),
    broken("LF alone after the size", `3\nabc${end}`),
    broken("LF alone after the data", "3\r\nabc\n0\r\n\r\n"),
    broken("LF alone everywhere", "3\nabc\n0\n\n"),
    broken("LF alone at the end", "3\r\nabc\r\n0\n\n"),
    broken("CR alone after the size", `3\rabc${end}`),
    broken("more data than the size says", `3\r\nabcd${end}`),
    broken("less data than the size says, then a request", `3\r\nab\r\n0\r\n\r\n${hidden}`),
    broken("no last chunk", "3\r\nabc\r\n"),
    broken("no last chunk after 80,000 bytes, more than Weir keeps", `13880\r\n${"a".repeat(80_000)}\r\n`),
    broken("nonsense after 80,000 bytes, more than Weir keeps", `13880\r\n${"a".repeat(80_000)}\r\nx${end}`),
    {
      name: "an announced trailer",
      sent: post(["Transfer-Encoding: chunked", "Trailer: X-Sum"], "3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"),
      ...served(abc),
    },
    chunked(
      "trailers `Content-Length`, `Transfer-Encoding`, `Host`, `Authorization`",
      `3\r\nabc\r\n0\r\nContent-Length: 50\r\nTransfer-Encoding: identity\r\nHost: other.test\r\nAuthorization: x\r\n\r\n${next}`,
      servedBoth(abc),
    ),
    chunked(
      "a trailer `Content-Length` as long as what follows",
      `3\r\nabc\r\n0\r\nContent-Length: ${next.length}\r\n\r\n${next}`,
      servedBoth(abc),
    ),
  ],
};
