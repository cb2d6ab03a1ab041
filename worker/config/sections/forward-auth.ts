/** `forwardAuth` of a route: a service decides on each request, as with nginx's `auth_request` and Traefik's ForwardAuth. */
import { checkedText, duration, list } from "../kinds/fields.ts";
import { isRequestTarget, isToken } from "../kinds/http-syntax.ts";
import { name } from "../kinds/name.ts";
import { option, optional, required, section, type ValuesOf } from "../section.ts";

const header = checkedText("a header's name", isToken).meta({ examples: ["Remote-User"] });

const target = checkedText(
  'a path from "/" (not "//"), percent-encoded, without dot segments or "#", with or without a query',
  isRequestTarget,
).meta({ examples: ["/verify"], pattern: "^/" });

export const forwardAuth = section("WeirForwardAuth", {
  /** The upstream of the service. */
  upstream: required(name),
  /** The path, with or without a query, that the service is asked for: with `GET`, and with `X-Forwarded-Method`, `-Proto`, `-Host`, `-Uri` and `-For`, which say what the client wants. */
  path: required(target),
  /** For so long the service may take to answer. After that, and if it cannot be reached or answers `5xx`, the request gets `503`. */
  timeout: option(duration("100ms", "60s"), "5s"),
  /** The client's headers that the service gets. Never: those of the body, of ranges and of conditions, and `Accept-Encoding`. */
  requestHeaders: optional(list(header, 0, 100, "headers"), "all"),
  /** Headers of the service's yes that the origin gets. What the client sends under these names is dropped. */
  originHeaders: option(list(header, 0, 32, "headers"), []),
  /** Headers of the service's yes that the client's answer gets, such as `Set-Cookie`. */
  clientHeaders: option(list(header, 0, 32, "headers"), []),
});

export type ForwardAuthConfig = ReturnType<typeof compileForwardAuth>;

export function compileForwardAuth({ timeout, requestHeaders, ...rest }: ValuesOf<typeof forwardAuth>) {
  return { ...rest, timeoutMs: timeout, requestHeaders: requestHeaders?.map((name) => name.toLowerCase()) };
}
