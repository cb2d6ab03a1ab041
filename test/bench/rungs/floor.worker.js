/**
 * A reverse proxy as one writes it by hand for one origin, with the duties that Weir has: hop-by-hop headers go
 * no further, the origin learns the client from the proxy alone, redirects are the client's to follow, an
 * origin that is silent is given up, what is no HTTP, too large or has come around is refused, and each request, when it is over,
 * leaves one line of JSON that says how it ended, also when its client did not wait for it. No balancing and no shared state.
 */
import { claims, hopByHop } from "./end-to-end.js";

const headersTimeoutMs = 15_000;
const totalTimeoutMs = 60_000;
const maxTargetLength = 16_384;
const maxHeaderBytes = 65_536;

/** In CDN-Loop (RFC 8586). */
const ownName = "floor-0123456789abcdef";

const token = /[!#$%&'*+.^_`|~\w-]+/g;
const hostField = /^(?:[\w-]+(?:\.[\w-]+)*\.?|\[[\da-f:.]+\])(?::\d{0,5})?$/i;
/** Servers read such paths in different ways. This one serves none of them. */
const ambiguousPath = /[%;]/;

/** Up to this length the origin has handed a body over with its headers. */
const smallBodyBytes = 16_384;

/**
 * @param {Request} request
 * @param {{ ORIGIN: string }} env
 * @param {ExecutionContext} ctx
 * @returns {Promise<Response>}
 */
export function serve(request, env, ctx) {
  const work = answer(request, env, ctx);
  // Or nothing would run on, and no line be left, when a client goes before it has the headers.
  ctx.waitUntil(work);
  return work;
}

/**
 * @param {Request} request
 * @param {{ ORIGIN: string }} env
 * @param {ExecutionContext} ctx
 * @returns {Promise<Response>}
 */
async function answer(request, env, ctx) {
  const startedMs = Date.now();
  const url = new URL(request.url);
  const requestId = crypto.randomUUID();
  const { response, failure } = await send(request, env.ORIGIN, url, requestId);
  const headers = endToEnd(response.headers);
  headers.set("X-Request-Id", requestId);
  // RFC 9110 §6.6.1, and a redirect that names the origin.
  if (!headers.has("Date")) headers.set("Date", new Date().toUTCString());
  const location = headers.get("Location");
  if (location?.startsWith(`${env.ORIGIN}/`))
    headers.set("Location", url.origin + location.slice(env.ORIGIN.length));
  const { status, statusText } = response;
  const finish = (body) =>
    logRequest({ url, requestId, method: request.method, status, failure, body, startedMs });
  const { body, ended } = watchBody(response, request.signal);
  if (ended === undefined) finish();
  else ctx.waitUntil(ended.then(finish));
  // The body goes through as the origin encoded it.
  return new Response(body, { status, statusText, headers, encodeBody: "manual" });
}

/**
 * The origin's response once its headers are there, or one in its stead.
 * @param {Request} request
 * @param {string} origin
 * @param {URL} url
 * @param {string} requestId
 * @returns {Promise<{ response: Response, failure?: string }>}
 */
async function send(request, origin, url, requestId) {
  const target = url.pathname + url.search;
  const headers =
    target.length > maxTargetLength
      ? 414
      : ambiguousPath.test(url.pathname)
        ? 400
        : headersForOrigin(request, url, requestId);
  if (typeof headers === "number")
    return { response: new Response(null, { status: headers }), failure: "refused" };
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), Math.min(headersTimeoutMs, totalTimeoutMs));
  try {
    const response = await fetch(origin + target, {
      method: request.method,
      headers,
      body: request.body,
      redirect: "manual",
      encodeResponseBody: "manual",
      signal: abort.signal,
    });
    return { response };
  } catch {
    return abort.signal.aborted
      ? { response: new Response(null, { status: 504 }), failure: "timeout" }
      : { response: new Response(null, { status: 502 }), failure: "reset" };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The body, and how it ends if it outlives the headers. The runtime does the copying: a pipe between two of its
 * own streams runs no JavaScript.
 * @param {Response} response
 * @param {AbortSignal} clientSignal
 * @returns {{ body: ReadableStream | null, ended?: Promise<string> }}
 */
function watchBody({ headers, body }, clientSignal) {
  const length = headers.get("Content-Length");
  if (body === null || (length !== null && Number(length) <= smallBodyBytes)) return { body };
  const { readable, writable } = new IdentityTransformStream();
  const ended = body.pipeTo(writable).then(
    () => "complete",
    () => (clientSignal.aborted ? "client-gone" : "cut-by-origin"),
  );
  return { body: readable, ended };
}

/**
 * The headers for the origin, or the status with which the request is refused.
 * @param {Request} request
 * @param {URL} url
 * @param {string} requestId
 */
function headersForOrigin(request, url, requestId) {
  const received = request.headers;
  const headers = new Headers(received);
  let [bytes, host, coding, connection, loop] = [0, "", "", "", ""];
  received.forEach((value, name) => {
    bytes += name.length + value.length;
    if (name === "host") host = value;
    else if (name === "transfer-encoding") coding = value;
    else if (name === "connection") connection = value;
    else if (name === "cdn-loop") loop = value;
    if (isDropped(name)) headers.delete(name);
  });
  if (bytes > maxHeaderBytes) return 431;
  if ((host !== "" && !hostField.test(host)) || (coding !== "" && coding !== "chunked")) return 400;
  if (loop.includes(ownName)) return 508;
  if (connection !== "" && connection !== "keep-alive") dropNominated(headers, connection);
  headers.append("CDN-Loop", ownName);
  // "address:port"; what a client claims to be forwarding is not believed.
  const { clientIp } = request.cf;
  const address = clientIp.slice(0, clientIp.lastIndexOf(":"));
  headers.set("X-Forwarded-For", address);
  headers.set("X-Forwarded-Host", url.host);
  headers.set("X-Forwarded-Proto", url.protocol.slice(0, -1));
  headers.set("X-Real-IP", address);
  headers.set("X-Request-Id", requestId);
  return headers;
}

const dropped = new Set(
  [...hopByHop, ...claims, "Host", "X-Real-IP", "X-Request-Id"].map((name) => name.toLowerCase()),
);
const initials = new Set([...dropped].map((name) => name.charCodeAt(0)));

/**
 * Whether it may not reach the origin; CGI and its heirs read `x_real_ip` as `x-real-ip`.
 * @param {string} name
 */
function isDropped(name) {
  if (!initials.has(name.charCodeAt(0))) return false;
  const known = name.replaceAll(/[_.]/g, "-");
  return dropped.has(known) || known.startsWith("x-forwarded-") || known.startsWith("cf-");
}

/**
 * @param {Headers} headers
 * @param {string} connection
 */
function dropNominated(headers, connection) {
  for (const name of connection.match(token) ?? []) headers.delete(name);
}

/**
 * A copy without what is between two neighbours only, which includes whatever `Connection` names.
 * @param {Headers} headers
 */
function endToEnd(headers) {
  const copy = new Headers(headers);
  dropNominated(copy, headers.get("Connection") ?? "");
  for (const name of hopByHop) copy.delete(name);
  return copy;
}

/**
 * The upstream, pool, origin and mode are what a balancer would have decided; here they are always the same.
 * @param {{ url: URL, requestId: string, method: string, status: number, failure?: string, body?: string, startedMs: number }} event
 */
function logRequest({ url, requestId, method, status, failure, body, startedMs }) {
  console.log(
    JSON.stringify({
      event: "request",
      requestId,
      method,
      host: url.hostname,
      path: url.pathname,
      attempts: 1,
      upstream: "bench",
      pool: "on-prem",
      origin: "origin",
      mode: "none",
      status,
      failure,
      body,
      durationMs: Date.now() - startedMs,
    }),
  );
}

export default { fetch: serve };
