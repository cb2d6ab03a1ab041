/**
 * The shape of a config, as something that can be checked, and published as JSON Schema (`z.toJSONSchema` with
 * `io: "input"`). It accepts exactly the type in `weir-config.ts`; what it says about each key is the short form of
 * what is said there. Rules that relate several places are in `upstream-rules.ts` and `route-rules.ts`, so that they
 * are judged even where the shape is wrong somewhere; defaults are in `defaults.ts`.
 */
import type * as z from "zod";
import { targets } from "../../../core/protocol/config-section.ts";
import { routingPath } from "../../../core/routing/path.ts";
import { byName, flag, list, oneOf, option, section, text } from "../kinds/fields.ts";
import { parseHost, parseHostPattern } from "../kinds/host.ts";
import { isUrlPath } from "../kinds/http-syntax.ts";
import { forwarding, https, limits, maintenance, maxRequestBody, methods } from "./http-schema.ts";
import { priority } from "./queue-schema.ts";
import { name, nameExpected } from "./pool-schema.ts";
import { upstream } from "./upstream-schema.ts";

const host = text('a host name or address without a port, such as "weir.example.com"', parseHost);
const hostPattern = text(
  'a host without a port, such as "shop.example.com" or "*.example.com"',
  parseHostPattern,
);
const path = text(
  'a path from "/" (not "//"), percent-encoded, without dot segments, "?" or "#"',
  (written) => (isUrlPath(written) ? routingPath(written) : undefined),
);

const route = section("a route: an object with upstream, and what to match", {
  host: option(hostPattern, "Host to match, or *.suffix. Default: any."),
  prefix: option(path, "Path to match, with all paths below it. Not together with exact."),
  exact: option(path, "Match this path only. Not together with prefix."),
  upstream: name.describe("Name of the upstream that answers."),
  priority: option(priority, "The order in which requests wait for a slot. Default: that of the queue."),
  methods: option(methods, "The methods that are served; GET includes HEAD. Default: all."),
  maxRequestBody: option(maxRequestBody, "Largest request body; beyond: 413. Default: no limit."),
  https: option(https, "Redirect http requests to https. Default false."),
  maintenance: option(
    maintenance,
    "Maintenance: answer 503 with a page, and send nothing to origins. Default false.",
  ),
  ambiguousPaths: option(
    oneOf(["reject", "keep"]),
    'A path that an origin could read as another route\'s: refuse it with 400, or keep it as it is. Default "reject".',
  ),
  debug: option(
    flag(),
    "Debug headers: responses say how they came about, in X-Weir-* headers. Default false.",
  ),
});

const admin = section("an object with the key hosts", {
  hosts: option(list(host, 0, 100, "hosts"), "Hosts on which /_weir/ answers. Default: all. Empty: none."),
});

const upstreams = byName(name, upstream, { least: 1, most: 100, what: "upstreams", nameExpected });

/** The whole config. */
export const configSchema = section("an object with upstreams and routes", {
  target: option(oneOf(targets), 'Where Weir runs: "edge" (Cloudflare, the default), "workerd".'),
  admin: option(admin, "Weir's own pages and API, below /_weir/."),
  forwarding: option(forwarding, "Which proxies may say where requests come from, and how origins are told."),
  limits: option(limits, "The largest target and headers of a request."),
  upstreams: upstreams.describe("What routes forward to, by name."),
  routes: list(route, 1, 1000, "routes").describe(
    "Which requests go to which upstream; the most specific match wins.",
  ),
});

/** A config of nothing but upstreams: what is left when one of them is judged alone. */
export const upstreamsSchema = section("an object with upstreams", { upstreams });

export type ConfigShape = z.output<typeof configSchema>;
