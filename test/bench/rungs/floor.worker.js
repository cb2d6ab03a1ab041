/**
 * A reverse proxy as one writes it by hand for one origin, with the duties that Weir has: hop-by-hop headers go
 * no further, the origin learns who asked, from nobody but the proxy, redirects are the client's to follow, an
 * origin that is silent is given up, and each answered request, when it is over, leaves one line of JSON that says
 * how it ended. No balancing and no shared state.
 */
import { claims, hopByHop } from "./end-to-end.js";

const headersTimeoutMs = 15_000;
const totalTimeoutMs = 60_000;

const token = /[!#$%&'*+.^_`|~\w-]+/g;

/** Up to this length the origin has handed a body over with its headers. */
const smallBodyBytes = 16_384;

/**
 * @param {Request} request
 * @param {{ ORIGIN: string }} env
 * @param {ExecutionContext} ctx
 * @returns {Promise<Response>}
 */
export async function serve(request, env, ctx) {
  const startedMs = Date.now();
  const url = new URL(request.url);
  const requestId = crypto.randomUUID();
  const { response, failure } = await send(request, env.ORIGIN + url.pathname + url.search, url, requestId);
  const headers = endToEnd(response.headers);
  headers.set("X-Request-Id", requestId);
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
 * @param {string} target
 * @param {URL} url
 * @param {string} requestId
 * @returns {Promise<{ response: Response, failure?: string }>}
 */
async function send(request, target, url, requestId) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), Math.min(headersTimeoutMs, totalTimeoutMs));
  try {
    const response = await fetch(target, {
      method: request.method,
      headers: headersForOrigin(request, url, requestId),
      body: request.body,
      redirect: "manual",
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
 * @param {Request} request
 * @param {URL} url
 * @param {string} requestId
 */
function headersForOrigin(request, url, requestId) {
  const headers = endToEnd(request.headers);
  // "address:port"; what a client claims to be forwarding is not believed.
  const { clientIp } = request.cf;
  const address = clientIp.slice(0, clientIp.lastIndexOf(":"));
  for (const name of claims) headers.delete(name);
  headers.set("X-Forwarded-For", address);
  headers.set("X-Forwarded-Host", url.host);
  headers.set("X-Forwarded-Proto", url.protocol.slice(0, -1));
  headers.set("X-Real-IP", address);
  headers.set("X-Request-Id", requestId);
  return headers;
}

/**
 * A copy without what is between two neighbours only, which includes whatever `Connection` names.
 * @param {Headers} headers
 */
function endToEnd(headers) {
  const copy = new Headers(headers);
  for (const name of headers.get("Connection")?.match(token) ?? []) copy.delete(name);
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
