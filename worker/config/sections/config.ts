/** The whole config: where Weir runs, its own pages, what it forwards to, and which requests go where. */
import { targets } from "../../../core/protocol/config-section.ts";
import { checkedText, list, oneOf } from "../kinds/fields.ts";
import { name } from "../kinds/name.ts";
import { host } from "../kinds/route-match.ts";
import { listOf, namedParts, option, optional, required, ruled, section, type ValuesOf } from "../section.ts";
import { errorPlacesRule } from "./errors.ts";
import { forwarding } from "./forwarding.ts";
import { compileLimits, limits } from "./limits.ts";
import { routesInVain } from "./routes-in-vain.ts";
import { compileRoutes, route, routeRules } from "./route.ts";
import { stickyRules } from "./sticky.ts";
import { compileUpstream, upstream } from "./upstream.ts";

const admin = section("WeirAdmin", {
  /** The hosts on which `/_weir/` answers ([api.md](api.md)); `[]`: none. On any other host `/_weir/…` belongs to your application. */
  hosts: optional(list(host, 0, 100, "hosts"), "all hosts"),
});

export const upstreams = namedParts(name, upstream, 1, 100, "upstreams");

const options = section("WeirConfig", {
  /** Where Weir runs: `"edge"` (Cloudflare) or `"workerd"` (this machine). Decides where the client's address is taken from: `CF-Connecting-IP` at the edge, the connection's own address on workerd. With `"edge"`, a public fetch to an IP address or `localhost` is refused. `npm start` runs any config as `"workerd"`. */
  target: option(oneOf(targets), "edge"),
  /** Weir's own pages and API, below `/_weir/`. */
  admin: option(admin, {}),
  /** Which proxies may say where requests come from, and how origins are told. */
  forwarding: option(forwarding, {}),
  /** How large the head of a request may be, how slow its body, and how much one client may have at a time. */
  limits: option(limits, {}),
  /** What routes forward to, by name, each of 1,000,000 characters at most. */
  upstreams: required(upstreams),
  /** Which requests go to which upstream; the most specific match wins. */
  routes: required(listOf(route, 1, 10_000, "routes")),
  /** For editors: the address of the JSON Schema of this file. Weir ignores it. */
  $schema: optional(
    checkedText("the address of the JSON Schema that an editor checks by", () => true).meta({
      examples: ["./weir.config.schema.json"],
    }),
    "none",
  ),
});

export type ConfigValues = ValuesOf<typeof options>;

export const config = ruled(options, [...routeRules, ...routesInVain, ...stickyRules, errorPlacesRule]);

/** The config after parsing: complete (every default filled in), durations in milliseconds, `${ENV:NAME}` resolved. */
export type Config = ReturnType<typeof compileConfig>;

export function compileConfig(values: ConfigValues) {
  const { target, admin, forwarding, limits, upstreams, routes } = values;
  return {
    target,
    admin,
    forwarding,
    limits: compileLimits(limits),
    upstreams: Object.entries(upstreams).map(([name, values]) => compileUpstream(name, values)),
    routes: compileRoutes(routes),
  };
}
