/**
 * Origins of sites in the form in which browsers send them in `Origin` (RFC 6454 §6.2, the Fetch standard): scheme, host, and the port if it is not the scheme's own. No
 * path, and no `null`, which any page can bring about by a sandboxed frame.
 */
import { text } from "./fields.ts";
import { parseHost } from "./host.ts";

export type CorsOriginPattern =
  | { readonly is: "any" }
  | { readonly is: "exact"; readonly origin: string }
  /** All names below a host; `suffix` begins with a dot and ends with the port, if there is one. */
  | { readonly is: "below"; readonly scheme: string; readonly suffix: string };

export const corsOrigin = text(
  'an origin as browsers send it, without a path: "https://app.example.com", "https://*.example.com", "http://localhost:3000", or "*" for any',
  parseCorsOrigin,
).meta({ examples: ["https://app.example.com", "https://*.example.com"] });

/** A scheme, or one of an app (`capacitor://localhost`), then a host and a port. */
const syntax = /^(?<scheme>[a-z][a-z\d+.-]*:\/\/)(?<wild>\*\.)?(?<host>[^/?#@*]+?)(?<port>:\d{1,5})?$/i;
const ownPort: Readonly<Record<string, string>> = { "http://": ":80", "https://": ":443" };

function parseCorsOrigin(written: string): CorsOriginPattern | undefined {
  if (written === "*") return { is: "any" };
  const { scheme = "", wild, host = "", port = "" } = syntax.exec(written)?.groups ?? {};
  const known = parseHost(host);
  if (known === undefined || Number(port.slice(1)) > 65_535) return undefined;
  const lower = scheme.toLowerCase();
  const shown = port === "" || ownPort[lower] === port ? "" : `:${Number(port.slice(1))}`;
  return wild === undefined
    ? { is: "exact", origin: `${lower}${known}${shown}` }
    : { is: "below", scheme: lower, suffix: `.${known}${shown}` };
}
