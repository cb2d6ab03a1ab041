/** An origin of a pool: where it is, how it is reached, and how much it may get. */
import type { Origin } from "../../../core/model/upstream.ts";
import { flag, integer, oneOf } from "../kinds/fields.ts";
import { name } from "../kinds/name.ts";
import { originUrl } from "../kinds/origin-url.ts";
import { present } from "../present.ts";
import { option, optional, required, section, type ValuesOf } from "../section.ts";
import { access, connections, originHost, via, wayRules } from "./way.ts";
import type { ConnectionChoice, OriginHost, Via } from "./way.ts";

export const origin = section(
  "WeirOrigin",
  {
    name: required(name, "Unique in its upstream. Its health, drain and sessions go by this name."),
    url: required(
      originUrl,
      '`http:` or `https:`, host, port and, if any, a path that is put before the path of each request: `"https://a.example.com"`. No credentials, query or fragment.',
    ),
    weight: option(
      integer(0, 1000),
      1,
      "Share of the traffic, in relation to the others of its pool. 0: takes nothing new, but sessions bound to it stay.",
    ),
    maxConns: optional(
      integer(1, 1_000_000),
      "no limit",
      'The most open requests ("slots") that it may have, over the whole fleet. **A pool spills only if its origins have `maxConns`**, or `capacity: "auto"` (or are down).',
    ),
    backup: option(
      flag(),
      false,
      "Used only while no other origin of its pool can be used. Comes before the next pool.",
    ),
    via: option(
      via,
      "fetch",
      'How Weir reaches it: a public fetch, or `{ binding: "NAME" }`, a binding of the Worker ([deploying.md](deploying.md#origins-in-a-private-network)). `kind` says which: `"vpc-network"`, `"vpc-service"`, `"worker"`, `"mtls"`.',
    ),
    connection: option(
      oneOf(connections),
      "auto",
      'Connection reuse: a connection of its own for each request (`"each"`; by `"fetch"` or kind `"vpc-network"`), connections that other requests have used (`"reuse"`), or what suits the origin (`"auto"`) ([http.md](http.md#connections-to-an-origin)). At the edge and through a binding `"auto"` is `"reuse"`.',
    ),
    host: option(
      originHost,
      "origin",
      'The `Host` header that it gets: that of its `url` (`"origin"`), the one that the client asked for (`"preserve"`), or always the same (`"shop.example.com"`). Other than `"origin"` only with a `via` of kind `"vpc-service"` or `"worker"`.',
    ),
    access: optional(
      access,
      "none",
      "A service token of Cloudflare Access, sent only to this origin, with requests and probes; over `https:` or a binding.",
    ),
  },
  { rules: wayRules },
);

export interface OriginConfig extends Origin {
  /** Scheme, host and port, and a path prefix if any; never ends in a slash. No query, no credentials. */
  readonly url: string;
  readonly via: Via;
  readonly connection: ConnectionChoice;
  readonly host?: OriginHost;
  /** The service token that Cloudflare Access lets Weir in by. */
  readonly access?: ValuesOf<typeof access>;
}

export function compileOrigin({ host, ...rest }: ValuesOf<typeof origin>): OriginConfig {
  return present({ ...rest, host: host === "origin" ? undefined : host });
}
