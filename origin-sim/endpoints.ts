/**
 * What an origin answers, by path. A request chooses its answer, so a test (or a person with curl) needs no other
 * setup than the URL. Everything but `/healthz` goes through the model's slots.
 */
import { gzipSync } from "node:zlib";
import type { IncomingMessage } from "node:http";
import { jsonAnswer, type Answer } from "./answer.ts";
import { describeBody, type RequestBody } from "./request-body.ts";
import { contentChunks, paced } from "./streams.ts";

export interface Endpoint {
  readonly health?: boolean;
  /** How long the service takes; absent: as the origin's spec says. */
  readonly serviceMs?: number;
  /** How much of the request's body `answer` wants to see. */
  readonly keepBytes?: number;
  answer(context: AnswerContext): Answer;
}

export interface AnswerContext {
  readonly origin: string;
  readonly pool?: string;
  /** Requests open at the origin, this one included. */
  readonly inFlight: number;
  readonly body: RequestBody;
}

const echoKeepBytes = 2 ** 20;
const maxBytes = 2 ** 30;
const maxMs = 600_000;
const maxCount = 1_000_000;

/** The endpoint a request is for. A bad parameter leads to one that answers 400 and says what is wrong. */
export function endpointFor(request: IncomingMessage): Endpoint {
  const [path = "/", ...afterPath] = (request.url ?? "/").split("?");
  const query = new URLSearchParams(afterPath.join("?"));
  const [, name = "", argument = ""] = path.split("/");
  switch (name) {
    case "healthz":
      return { health: true, answer: ({ origin }) => jsonAnswer(200, { origin, ok: true }) };
    case "echo":
      return echo(request);
    case "bytes":
      return withInteger("/bytes/:n", argument, 0, maxBytes, (length) => bytes(length, true));
    case "chunked":
      return withInteger("/chunked/:n", argument, 0, maxBytes, (length) => bytes(length, false));
    case "slow":
      return withInteger("/slow/:ms", argument, 0, maxMs, (serviceMs) => ({
        ...plain(request, path),
        serviceMs,
      }));
    case "status":
      return withInteger("/status/:code", argument, 200, 599, status);
    case "drip":
      return drip(query);
    case "gzip":
      return gzip();
    case "cookies":
      return cookies();
    case "redirect":
      return redirect(query.get("to") ?? "/");
    case "sse":
      return serverSentEvents(query);
    default:
      return plain(request, path);
  }
}

function plain(request: IncomingMessage, path: string): Endpoint {
  const requestId = request.headers["x-request-id"];
  return {
    answer: ({ origin, pool, inFlight }) =>
      jsonAnswer(200, { origin, pool, method: request.method, path, requestId, inFlight }),
  };
}

function echo(request: IncomingMessage): Endpoint {
  const { method, url, httpVersion, rawHeaders: flat } = request;
  const rawHeaders = flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1]]] : []));
  return {
    keepBytes: echoKeepBytes,
    answer: ({ origin, pool, body }) =>
      jsonAnswer(200, { origin, pool, method, url, httpVersion, rawHeaders, body: describeBody(body) }),
  };
}

function bytes(length: number, announced: boolean): Endpoint {
  const chunks = (): Iterable<Uint8Array> => contentChunks(length);
  const headers = { "Content-Type": "application/octet-stream" };
  return { answer: () => ({ status: 200, headers, body: announced ? { length, chunks } : { chunks } }) };
}

function status(code: number): Endpoint {
  const bodiless = code === 204 || code === 205 || code === 304;
  return {
    answer: ({ origin }) =>
      bodiless
        ? { status: code, headers: {}, body: new Uint8Array() }
        : jsonAnswer(code, { origin, status: code }),
  };
}

function drip(query: URLSearchParams): Endpoint {
  return withInteger("?ms", query.get("ms") ?? "100", 0, maxMs, (ms) =>
    withInteger("?chunks", query.get("chunks") ?? "10", 0, maxCount, (count) => ({
      answer: () => ({
        status: 200,
        headers: { "Content-Type": "text/plain" },
        body: { chunks: (closed) => paced(count, ms, (index) => `chunk ${index}\n`, closed) },
      }),
    })),
  );
}

function serverSentEvents(query: URLSearchParams): Endpoint {
  return withInteger("?ms", query.get("ms") ?? "1000", 1, maxMs, (ms) =>
    withInteger("?events", query.get("events") ?? `${maxCount}`, 0, maxCount, (count) => ({
      answer: ({ origin }) => ({
        status: 200,
        headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-store" },
        body: { chunks: (closed) => paced(count, ms, (id) => `id: ${id}\ndata: ${origin}\n\n`, closed) },
      }),
    })),
  );
}

function gzip(): Endpoint {
  const headers = {
    "Content-Type": "text/plain",
    "Content-Encoding": "gzip",
    Vary: "Accept-Encoding",
  };
  return {
    answer: () => ({ status: 200, headers, body: gzipSync("compressed by the origin\n".repeat(100)) }),
  };
}

/** Several cookies, one of them with a comma in it: folded into one header they could not be told apart. */
function cookies(): Endpoint {
  const headers = {
    "Set-Cookie": [
      "session=s1; Path=/; HttpOnly",
      "theme=dark; Expires=Fri, 31 Dec 2100 23:59:59 GMT",
      "csrf=c1; Secure; SameSite=Strict",
    ],
  };
  return { answer: () => ({ status: 200, headers, body: new Uint8Array() }) };
}

function redirect(location: string): Endpoint {
  if (!/^[\x21-\x7e]+$/.test(location)) return badRequest("?to", location, "a URL in visible ASCII");
  return { answer: () => ({ status: 302, headers: { Location: location }, body: new Uint8Array() }) };
}

function withInteger(
  what: string,
  text: string,
  min: number,
  max: number,
  endpoint: (value: number) => Endpoint,
): Endpoint {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return endpoint(value);
  return badRequest(what, text, `an integer from ${min} to ${max}`);
}

function badRequest(what: string, found: string, expected: string): Endpoint {
  const error = `${what} is ${JSON.stringify(found)}; expected ${expected}`;
  return { answer: () => jsonAnswer(400, { error }) };
}
