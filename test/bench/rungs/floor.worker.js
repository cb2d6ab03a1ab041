/**
 * A reverse proxy as one writes it by hand for one origin, with the duties that Weir has: hop-by-hop headers go
 * no further (RFC 9110 §7.6.1), the origin learns who asked, redirects are the client's to follow, an origin that
 * is silent is given up, and each request leaves one line of JSON. No balancing and no shared state.
 */
const headersTimeoutMs = 15_000;
const totalTimeoutMs = 60_000;

const hopByHop = [
  "Connection",
  "Expect",
  "Keep-Alive",
  "Proxy-Authenticate",
  "Proxy-Authorization",
  "Proxy-Connection",
  "TE",
  "Trailer",
  "Transfer-Encoding",
  "Upgrade",
];
const token = /[!#$%&'*+.^_`|~\w-]+/g;

/**
 * @param {Request} request
 * @param {{ ORIGIN: string }} env
 * @returns {Promise<Response>}
 */
export async function serve(request, env) {
  const startedMs = Date.now();
  const url = new URL(request.url);
  const requestId = crypto.randomUUID();
  const { response, failure } = await send(request, env.ORIGIN + url.pathname + url.search, url, requestId);
  logRequest({
    requestId,
    method: request.method,
    host: url.hostname,
    path: url.pathname,
    attempts: 1,
    upstream: "bench",
    pool: "on-prem",
    origin: "origin",
    mode: "none",
    status: response.status,
    failure,
    durationMs: Date.now() - startedMs,
  });
  return response;
}

/**
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
    const headers = endToEnd(response.headers);
    headers.set("X-Request-Id", requestId);
    const { status, statusText, body } = response;
    // The body goes through as the origin encoded it.
    return { response: new Response(body, { status, statusText, headers, encodeBody: "manual" }) };
  } catch {
    const [status, failure] = abort.signal.aborted ? [504, "timeout"] : [502, "reset"];
    return { response: new Response(null, { status, headers: { "X-Request-Id": requestId } }), failure };
  } finally {
    clearTimeout(timer);
  }
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
  headers.delete("Forwarded");
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

/** @param {Record<string, unknown>} event */
function logRequest(event) {
  console.log(JSON.stringify({ event: "request", ...event }));
}

export default { fetch: serve };
