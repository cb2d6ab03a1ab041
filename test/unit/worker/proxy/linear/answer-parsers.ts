/** All parsers of what an origin sends, as in `request-parsers.ts`. */
import { withFlags } from "../../../../../core/headers/cookie-flags.ts";
import { parseReport } from "../../../../../core/load/origin-report.ts";
import type { RewriteConfig } from "../../../../../worker/config/sections/rewrite.ts";
import { dropFromClients } from "../../../../../worker/proxy/request/forwarding-headers.ts";
import { createReportReader } from "../../../../../worker/proxy/response/load-report.ts";
import {
  rewriteCookies,
  rewriteCookie,
  rewriteRedirects,
  rewriteUrl,
} from "../../../../../worker/proxy/response/rewrite-response.ts";
import {
  classifyHandshake,
  classifyResponse,
  classifyThrown,
} from "../../../../../worker/transport/failure.ts";
import { withoutBlanks } from "../../../../../worker/transport/own-connection/blanks.ts";
import { bodyFraming, saysClose } from "../../../../../worker/transport/own-connection/body-framing.ts";
import { ChunkedDecoder } from "../../../../../worker/transport/own-connection/chunked-decoder.ts";
import { HeadBuffer } from "../../../../../worker/transport/own-connection/head-buffer.ts";
import { writeRequestHead } from "../../../../../worker/transport/own-connection/request-head.ts";
import {
  parseResponseHead,
  type ResponseHead,
} from "../../../../../worker/transport/own-connection/response-head.ts";
import { endpointOf } from "../../../../../worker/transport/own-connection/endpoint.ts";
import { probeHint } from "../../../../../worker/transport/probe-hint.ts";
import { sendableReason } from "../../../../../worker/transport/sendable-reason.ts";
import { FrameWriter } from "../../../../../worker/transport/websocket/frame-writer.ts";
import {
  askedFor,
  requestTo,
  statusOf,
  withoutReuse,
} from "../../../../../worker/transport/websocket/handshake-bytes.ts";
import * as shapes from "./shapes.ts";
import { type Parser, client, field } from "./parser.ts";

const reports = await createReportReader({ secret: "0123456789abcdef0123456789abcdef", maxAgeMs: 10_000 });
const origin = "http://10.0.0.1:8080";
const rewriting: RewriteConfig = {
  redirects: true,
  cookieDomains: [{ from: "a", to: "b" }],
  cookiePaths: [{ from: "/a", to: "/b" }],
  cookieFlags: [{ name: "", isPrefix: true, flags: { secure: true, sameSite: "lax" } }],
};

function headOf(value: string): ResponseHead {
  const fields = ["transfer-encoding", "content-length", "connection"].map((name) => [name, value] as const);
  return { kind: "head", isOld: false, status: 200, reason: "OK", fields };
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);
const responseWith = (headers: Record<string, string>) => ({
  status: 302,
  webSocket: null,
  headers: new Headers(headers),
});

export const ofAnswers: readonly Parser[] = [
  {
    of: ["worker/transport/own-connection/head-buffer.ts#HeadBuffer"],
    shapes: [...shapes.ofHeads, ["", "a", ""]],
    reads: (text) => {
      const bytes = bytesOf(text);
      return () => {
        const buffer = new HeadBuffer();
        for (let at = 0; at < bytes.byteLength; at += 1) {
          if (typeof buffer.push(bytes.subarray(at, at + 1)) !== "string") break;
        }
      };
    },
  },
  {
    of: ["worker/transport/own-connection/response-head.ts#parseResponseHead"],
    shapes: shapes.ofHeads,
    reads: (text) => {
      const bytes = bytesOf(text);
      return () => parseResponseHead(bytes);
    },
  },
  {
    of: [
      "worker/transport/own-connection/body-framing.ts#bodyFraming",
      "worker/transport/own-connection/body-framing.ts#saysClose",
      "worker/transport/own-connection/blanks.ts#withoutBlanks",
    ],
    shapes: [...shapes.ofFields, ["", "5,", ""], ["close", " ", "x"]],
    reads: (text) => {
      const head = headOf(text);
      const withLength = { ...head, fields: head.fields.slice(1) };
      return () => [
        bodyFraming("GET", head),
        bodyFraming("GET", withLength),
        saysClose(head),
        withoutBlanks(text),
      ];
    },
  },
  {
    of: ["worker/transport/own-connection/chunked-decoder.ts#ChunkedDecoder"],
    shapes: shapes.ofChunks,
    reads: (text) => {
      const bytes = bytesOf(text);
      return () => {
        const [whole, piecemeal] = [new ChunkedDecoder(), new ChunkedDecoder()];
        whole.push(bytes);
        for (let at = 0; at < bytes.byteLength; at += 1) piecemeal.push(bytes.subarray(at, at + 1));
      };
    },
  },
  {
    of: [
      "worker/proxy/response/rewrite-response.ts#rewriteUrl",
      "worker/proxy/response/rewrite-response.ts#rewriteRedirects",
      "worker/transport/failure.ts#classifyResponse",
      "worker/transport/probe-hint.ts#probeHint",
    ],
    shapes: shapes.ofUrls,
    reads: (text) => {
      const response = responseWith(field("Location", text));
      const asked = { origin: { url: origin }, health: { path: "/", headers: {}, method: "GET" } } as const;
      return () => {
        rewriteRedirects(new Headers(response.headers), origin, [`${origin}/app`], client);
        rewriteUrl(text, origin, [`${origin}/app`], client);
        classifyResponse(response, { via: "fetch", access: { id: "a", secret: "b" } }, "edge");
        probeHint({ status: 302, location: text }, asked);
      };
    },
  },
  {
    of: ["worker/proxy/response/rewrite-response.ts#rewriteRedirects"],
    shapes: shapes.ofRefresh,
    reads: (text) => {
      const headers = new Headers(field("Refresh", text));
      return () => rewriteRedirects(headers, origin, [], client);
    },
  },
  {
    of: [
      "worker/proxy/response/rewrite-response.ts#rewriteCookie",
      "worker/proxy/response/rewrite-response.ts#rewriteCookies",
      "core/headers/cookie-flags.ts#withFlags",
    ],
    shapes: shapes.ofSetCookies,
    reads: (text) => {
      const headers = new Headers(field("Set-Cookie", text));
      return () => [
        rewriteCookie(text, rewriting),
        rewriteCookies(new Headers(headers), rewriting, true),
        withFlags(text, rewriting.cookieFlags, true),
      ];
    },
  },
  {
    of: ["worker/proxy/request/forwarding-headers.ts#dropFromClients"],
    shapes: shapes.ofFields,
    reads: (text) => {
      const received = new Headers({ "X-A": "1", ...field("Connection", text) });
      return () => dropFromClients(new Headers(received), received);
    },
  },
  {
    of: ["worker/proxy/response/load-report.ts#createReportReader", "core/load/origin-report.ts#parseReport"],
    shapes: [...shapes.ofFields, ["", "; ", "; sig=x"], ["util=", "1", ""], ["", "; sig=", ""]],
    reads: (text) => {
      const headers = new Headers(field("X-Weir-Load", text));
      return () => [parseReport(text), reports.read("a", headers, 0)];
    },
  },
  {
    of: ["worker/transport/sendable-reason.ts#sendableReason"],
    shapes: [
      ["", "\t", ""],
      ["", "a", ""],
      ["", "a\t", ""],
    ],
    reads: (text) => () => sendableReason(text),
  },
  {
    of: ["worker/transport/failure.ts#classifyThrown", "worker/transport/failure.ts#classifyHandshake"],
    shapes: [
      ["", "a", ""],
      ["", "a_", ""],
      ["", "_a", "A"],
      ["", "a ", ""],
      ["a", "_b", "_"],
      ["internal error; reference = ", "a", " "],
    ],
    reads: (text) => {
      const error = new Error(text);
      const answer = { status: 502, headers: new Headers(field("X", text)) };
      return () => [classifyThrown(error), classifyHandshake(new Headers({ Upgrade: "websocket" }), answer)];
    },
  },
  {
    of: ["worker/transport/own-connection/request-head.ts#writeRequestHead"],
    shapes: [...shapes.ofFields, ["", "\u00e9", ""]],
    reads: (text) => {
      const headers = new Headers({ x: encodeURI(text) });
      const head = { method: "GET", host: "h", body: undefined, close: true };
      return () => [writeRequestHead({ ...head, target: `/${text}`, headers }), encoded(text)];
    },
  },
  {
    of: ["worker/transport/own-connection/endpoint.ts#endpointOf"],
    shapes: shapes.ofUrls,
    reads: (text) => () => endpointOf(text),
  },
  {
    of: [
      "worker/transport/websocket/handshake-bytes.ts#askedFor",
      "worker/transport/websocket/handshake-bytes.ts#requestTo",
      "worker/transport/websocket/handshake-bytes.ts#statusOf",
      "worker/transport/websocket/handshake-bytes.ts#withoutReuse",
    ],
    shapes: [
      ...shapes.ofHeads,
      ["GET /", "a", " HTTP/1.1\r\n\r\n"],
      ["GET /a HTTP/1.1\r\n", "Host: a\r\n", "\r\n"],
      ["HTTP/1.1 403 No\r\n", "Connection: a\r\n", "\r\n"],
    ],
    reads: (text) => {
      const bytes = bytesOf(text);
      return () => [
        askedFor(bytes),
        requestTo("http://10.0.0.1/", bytes),
        statusOf(bytes),
        withoutReuse(bytes),
      ];
    },
  },
  {
    // Frames without content, a byte at a time.
    of: ["worker/transport/websocket/frame-writer.ts#FrameWriter"],
    shapes: [
      ["", "\u0082\u0000", ""],
      ["", "a", ""],
    ],
    reads: (text) => {
      const bytes = bytesOf(text);
      const taken = { write: () => Promise.resolve(), close: () => Promise.resolve() };
      return () => {
        const writer = new FrameWriter(taken, () => undefined);
        for (let at = 0; at < bytes.byteLength; at++) void writer.write(bytes.subarray(at, at + 1));
      };
    },
  },
];
