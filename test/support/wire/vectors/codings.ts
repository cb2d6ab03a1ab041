/** Where a body ends, by Transfer-Encoding: beside a length, in odd spellings, and more than once. */
import { byParser, byWeir, get, hidden, next, post, served, servedBoth, shown } from "../vector.ts";
import type { Group, Outcome, Vector } from "../vector.ts";

/** For a reader that goes by the chunks it is over at once, and what follows is a request; for a reader that goes by the length it is all one body. */
const endsAtOnce = `0\r\n\r\n${hidden}`;
const length = `Content-Length: ${endsAtOnce.length}`;

/** The coding counts, and the connection is closed, as RFC 9112 §6.1 allows: bytes after the body are never read. */
const byCoding = served("POST {path}");

const alone = (name: string, field: string, outcome: Outcome, body = endsAtOnce): Vector => ({
  name,
  sent: post([field], body),
  ...outcome,
});
const beside = (name: string, field: string, outcome: Outcome): Vector => ({
  name: `${name}, beside a length`,
  sent: post([length, field], endsAtOnce),
  ...outcome,
});
const written = (coding: string): string => `\`Transfer-Encoding: ${shown(coding)}\``;

const unknown = [
  "chunked, identity",
  "identity",
  "xchunked",
  "chunkedx",
  "chunked;q=1",
  '"chunked"',
  "",
  "\vchunked",
];
const others = ["gzip, chunked", "identity, chunked", "chunked, chunked"];
const plain = ["CHUNKED", "chunked\t", "\tchunked"];

export const codings: Group = {
  title: "Transfer-Encoding",
  vectors: [
    beside("CL.TE: a request after the chunks, within the length", "Transfer-Encoding: chunked", byCoding),
    {
      name: "TE.CL: a request within the chunks, after the length",
      sent: post(
        ["Transfer-Encoding: chunked", "Content-Length: 4"],
        `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
      ),
      ...served(`POST {path}, ${hidden.length} bytes`),
    },
    ...unknown.flatMap((coding) => [
      alone(written(coding), `Transfer-Encoding: ${coding}`, byParser),
      beside(written(coding), `Transfer-Encoding: ${coding}`, byParser),
    ]),
    ...others.flatMap((coding) => [
      alone(written(coding), `Transfer-Encoding: ${coding}`, byWeir, "0\r\n\r\n"),
      beside(written(coding), `Transfer-Encoding: ${coding}`, byWeir),
    ]),
    ...plain.flatMap((coding) => [
      alone(
        `${written(coding)}, which is valid`,
        `Transfer-Encoding:${coding}`,
        servedBoth("POST {path}"),
        `0\r\n\r\n${next}`,
      ),
      beside(written(coding), `Transfer-Encoding:${coding}`, byCoding),
    ]),
    beside("`Transfer-Encoding : chunked`", "Transfer-Encoding : chunked", byParser),
    beside("`Transfer-Encoding\\t: chunked`", "Transfer-Encoding\t: chunked", byParser),
    beside("a space before `Transfer-Encoding: chunked`", " Transfer-Encoding: chunked", byParser),
    beside("its value on a line of its own", "Transfer-Encoding:\r\n chunked", byParser),
    beside("`Transfer-Encoding: chunk\\0ed`", "Transfer-Encoding: chunk\0ed", byParser),
    beside("after a bare CR in another field", "X: y\rTransfer-Encoding: chunked", byParser),
    beside(
      "after a bare LF in another field",
      "X: y\nTransfer-Encoding: chunked",
      served("POST {path}, x: y"),
    ),
    beside(
      "`Transfer_Encoding: chunked`, another name",
      "Transfer_Encoding: chunked",
      served(`POST {path}, ${endsAtOnce.length} bytes`),
    ),
    alone(
      "`chunked`, then a second field `identity`",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
      byParser,
    ),
    alone(
      "`identity`, then a second field `chunked`",
      "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
      byWeir,
      "0\r\n\r\n",
    ),
    alone(
      "`chunked`, then a second field `chunked`",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
      byWeir,
      "0\r\n\r\n",
    ),
    {
      ...beside("`Transfer-Encoding: chunked` in HTTP/1.0", "Transfer-Encoding: chunked", byParser),
      sent: post([length, "Transfer-Encoding: chunked"], endsAtOnce).replace("HTTP/1.1", "HTTP/1.0"),
    },
    { name: "`TE: chunked`, which is about the answer", sent: get(["TE: chunked"]), ...served() },
  ],
};
