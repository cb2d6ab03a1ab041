/** An origin of a pool: where it is, how it is reached, and how much it may get. */
import type { Origin } from "../../../core/model/upstream.ts";
import { flag, integer, oneOf } from "../kinds/fields.ts";
import { name } from "../kinds/name.ts";
import { originUrl } from "../kinds/origin-url.ts";
import { present } from "../present.ts";
import { option, optional, required, ruled, section, type ValuesOf } from "../section.ts";
import { access, connections, originHost, via, wayRules } from "./way.ts";
import type { ConnectionChoice, OriginHost, Via } from "./way.ts";

const options = section("WeirOrigin", {
  /** Unique in its upstream. Its health, drain and sessions go by this name. */
  name: required(name),
  /** `http:` or `https:`, host, port and, if any, a path that is put before the path of each request: `"https://a.example.com"`. No credentials, query or fragment. */
  url: required(originUrl),
  /** Share of the traffic, in relation to the others of its pool. 0: takes nothing new, but sessions bound to it stay. */
  weight: option(integer(0, 1000), 1),
  /** The most open requests ("slots") that it may have, over the whole fleet. **A pool spills only if its origins have `maxConns`**, or `capacity: "auto"` (or are down). */
  maxConns: optional(integer(1, 1_000_000), "no limit"),
  /** Used only while no other origin of its pool can be used. Comes before the next pool. */
  backup: option(flag(), false),
  /** How Weir reaches it: a public fetch, or `{ binding: "NAME" }`, a binding of the Worker ([deploying.md](deploying.md#origins-in-a-private-network)). `kind` says which: `"vpc-network"`, `"vpc-service"`, `"worker"`, `"mtls"`. */
  via: option(via, "fetch"),
  /** Connection reuse: a connection of its own for each request (`"each"`; by `"fetch"` or kind `"vpc-network"`), connections that other requests have used (`"reuse"`), or what suits the origin (`"auto"`) ([http.md](http.md#connections-to-an-origin)). At the edge and through a binding `"auto"` is `"reuse"`. */
  connection: option(oneOf(connections), "auto"),
  /** The `Host` header that it gets: that of its `url` (`"origin"`), the one that the client asked for (`"preserve"`), or always the same (`"shop.example.com"`). Other than `"origin"` only with a `via` of kind `"vpc-service"` or `"worker"`. */
  host: option(originHost, "origin"),
  /** A service token of Cloudflare Access, `{ id: "${ENV:ID}", secret: "${ENV:SECRET}" }`, sent only to this origin, with requests and probes; over `https:` or a binding. */
  access: optional(access, "none"),
});

export type OriginValues = ValuesOf<typeof options>;

export const origin = ruled(options, wayRules);

export interface OriginConfig extends Origin {
  /** Scheme, host and port, and a path prefix if any; never ends in a slash. No query, no credentials. */
  readonly url: string;
  readonly via: Via;
  readonly connection: ConnectionChoice;
  readonly host?: OriginHost;
  /** The service token that Cloudflare Access lets Weir in by. */
  readonly access?: ValuesOf<typeof access>;
}

export function compileOrigin({ host, ...rest }: OriginValues): OriginConfig {
  return present({ ...rest, host: host === "origin" ? undefined : host });
}
