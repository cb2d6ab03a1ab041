/** What the sets that are about headers have in common. */

const paths = [
  "/?page=2",
  "/a/b?x=%41&page=1",
  "/a/b?c=d",
  "/status/404?page=",
  "/status/500?a",
  "/status/301?a",
  "/status/206?a",
];

/** All of them but those that each proxy writes in its own way. */
const atOrigin =
  /^(?:x-(?!number$|request-id$|real-ip$|forwarded-)|cookie$|authorization$|accept-encoding$|user-agent$)/;
const atClient = /^(?:x-(?!request-id$)|access-control-|set-cookie$|cache-control$)/;

export const headersCompared = { paths, isAskedPlainly: true, compares: { atOrigin, atClient } };

/** nginx's `add_header` without `always`. */
export const successful = [200, 201, 204, 206, "301-304", 307, 308];
