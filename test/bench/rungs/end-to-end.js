/** Which headers a proxy must not pass on: the same list for every rung that is Weir's equal in duties. */

/** Between two neighbours only (RFC 9110 §7.6.1), besides what `Connection` names. */
export const hopByHop = [
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

/** What a client may claim of itself, and only the proxy in front of the origin may say. */
export const claims = [
  "CF-Connecting-IP",
  "CF-Connecting-IPv6",
  "CF-Pseudo-IPv4",
  "CF-Visitor",
  "Client-IP",
  "Fastly-Client-IP",
  "Forwarded",
  "Front-End-HTTPS",
  "True-Client-IP",
  "X-Client-IP",
  "X-Cluster-Client-IP",
  "X-Envoy-External-Address",
  "X-Forwarded-Port",
  "X-Forwarded-Server",
  "X-Forwarded-SSL",
  "X-Original-Forwarded-For",
  "X-Originating-IP",
  "X-Remote-Addr",
  "X-Remote-IP",
];
