/**
 * Keys of requests, as the config names them. By one a policy keeps requests together: a request that lacks it has no key and goes
 * anywhere, since all of them on one origin would only overload it. By another one clients are told apart.
 */
import type { HashKey, Policy } from "../../../core/model/upstream.ts";
import { hashText } from "../../../core/selection/hash.ts";
import { addressPrefix, ownerOf } from "./client-address.ts";
import type { RequestUrl } from "./request-url.ts";
import { readCookies } from "./sticky-cookie.ts";

export interface KeySources {
  readonly request: Pick<Request, "headers">;
  readonly url: RequestUrl;
  /** The client's; absent: no trusted peer states one. */
  readonly address: string | undefined;
}

/** The request's key; `undefined` if the policy needs none, or the request has none. */
export function requestKey(policy: Policy, sources: KeySources): string | undefined {
  switch (policy.name) {
    case "ip_hash":
      return sources.address === undefined ? undefined : addressPrefix(sources.address);
    case "hash":
      return hashedPart(policy.key, sources) || undefined;
    case "adaptive":
    case "round_robin":
    case "least_conn":
    case "least_time":
    case "random_two":
    case "peak_ewma":
    case "first":
      return undefined;
  }
}

/**
 * What a limit counts the request under: all parts together, each with its length, so that no text that a client sends makes two keys of
 * different parts one. A part that the request lacks is replaced by its client's address, or leaving it out would go around the limit.
 * @param scope what is counted, so that limits do not count each other's.
 */
export function limitKeyOf(scope: string, parts: readonly HashKey[], sources: KeySources): string {
  let key = scope;
  for (const part of parts) {
    const value =
      part.from === "path"
        ? sources.url.routingPath
        : part.from === "address"
          ? undefined
          : hashedPart(part, sources);
    const owner = value === undefined || value === null ? ownerOf(sources.address) : undefined;
    key += owner === undefined ? ` ${value?.length}:${value}` : ` @${owner}`;
  }
  return key;
}

/** A longer key is not kept for as long as a request lasts; what stands for it is. */
const longestAccount = 128;

/**
 * What the parts of the request's client are counted under; a request without the key goes by its address. `undefined`: nothing tells whose it
 * is.
 */
export function accountOf(key: HashKey, sources: KeySources): string | undefined {
  const { address } = sources;
  const said = key.from === "address" ? undefined : hashedPart(key, sources);
  if (!said) return address === undefined ? undefined : ownerOf(address);
  const { high, low } = hashText(said);
  return `key ${said.length > longestAccount ? `${high} ${low} ${said.length}` : said}`;
}

function hashedPart(key: HashKey, { request, url, address }: KeySources): string | null | undefined {
  switch (key.from) {
    case "path":
      return url.path;
    case "address":
      return address;
    case "header":
      return request.headers.get(key.name);
    case "cookie":
      return readCookies(request.headers.get("Cookie") ?? "", key.name)[0];
    case "query":
      return new URLSearchParams(queryOf(url.target)).get(key.name);
  }
}

/** The path that is sent may be spelt otherwise than the path that was asked for, and be of another length. */
function queryOf(target: string): string {
  const start = target.indexOf("?");
  return start === -1 ? "" : target.slice(start + 1);
}
