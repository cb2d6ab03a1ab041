/**
 * The shape of what says how HTTP itself is treated: whose word about the client counts, how much of a message is let in,
 * what a route answers by itself, and what becomes of an origin's answer. See `schema.ts` for what a shape is and is not.
 */
import * as z from "zod";
import {
  byName,
  checkedText,
  duration,
  flag,
  integer,
  list,
  option,
  section,
  size,
  switchable,
  text,
} from "../kinds/fields.ts";
import { oneOf } from "../kinds/fields.ts";
import { parseCookieDomain } from "../kinds/host.ts";
import { isCookiePath, isMethod, isPseudonym } from "../kinds/http-syntax.ts";
import { parseNetwork } from "../kinds/network.ts";
import { parseStatusRange } from "../kinds/status-range.ts";

const network = text(
  'a network or an address, such as "10.0.0.0/8" or "2001:db8::1", with no bits set beyond its prefix',
  parseNetwork,
);

const networks = list(network, 0, 1_000, "networks");

export const forwarding = section("an object (keys: trusted, read, forwarded, via)", {
  trusted: option(networks, "Proxies in front of Weir whose forwarding headers are believed. Default: none."),
  read: option(
    oneOf(["x-forwarded", "forwarded"]),
    'The headers that these proxies write. Default "x-forwarded".',
  ),
  forwarded: option(flag(), "Origins get a Forwarded header (RFC 7239), too. Default false."),
  via: option(
    checkedText('a name for Via: a token such as "weir", or a host with or without a port', isPseudonym),
    "Weir's name in Via, in requests and responses. Default: no Via.",
  ),
});

export const limits = section("an object (keys: target, headers)", {
  target: option(size("64B", "64KiB"), 'Longest path and query; beyond: 414. Default "16KiB".'),
  headers: option(size("1KiB", "128KiB"), 'Largest request headers; beyond: 431. Default "64KiB".'),
});

const page = checkedText("an HTML page of 1 to 8192 characters", (html) => html.length > 0);

const statusExpected = 'a status or a range of them within 400-599, such as 404, "404" or "500-599"';
const errorStatuses = z
  .union([z.string(), z.number()], { error: statusExpected })
  .transform((written, context) => {
    const range = parseStatusRange(written);
    if (range !== undefined && range.from >= 400) return range;
    context.addIssue({ code: "custom", message: statusExpected });
    return z.NEVER;
  });

const pages = byName(
  checkedText(statusExpected, (written) => (parseStatusRange(written)?.from ?? 0) >= 400),
  page,
  { least: 0, most: 32, what: "pages", nameExpected: statusExpected },
);

export const errors = section("an object (keys: pages, intercept)", {
  pages: option(pages, "HTML by status. Default: Weir's own."),
  intercept: option(
    list(errorStatuses, 0, 32, "statuses"),
    "Statuses of origins' answers whose body is replaced by a page. Default: none.",
  ),
});

const domainExpected = 'a domain name such as "example.com"';
const domains = byName(
  checkedText(domainExpected, (domain) => parseCookieDomain(domain) !== undefined),
  text(`${domainExpected}, or "" for the host that was asked`, (domain) =>
    domain === "" ? "" : parseCookieDomain(domain),
  ),
  { least: 0, most: 32, what: "domains", nameExpected: domainExpected },
);

const pathExpected = 'a path from "/", without ";" or control characters';
const paths = byName(checkedText(pathExpected, isCookiePath), checkedText(pathExpected, isCookiePath), {
  least: 0,
  most: 32,
  what: "paths",
  nameExpected: pathExpected,
});

export const rewrite = section("an object (keys: redirects, cookieDomains, cookiePaths)", {
  redirects: option(
    flag(),
    "Rewrites Location and Refresh of an origin, so that they lead to Weir. Default true.",
  ),
  cookieDomains: option(domains, "Domain of cookies, from: to. Default: as they are."),
  cookiePaths: option(paths, "Path of cookies, from: to. Default: as they are."),
});

const hsts = switchable({
  maxAge: option(duration("0s", "87600h"), 'How long browsers remember. Default "8760h".'),
  includeSubDomains: option(flag(), "HSTS holds for all names below the host, too. Default false."),
  preload: option(flag(), "Browsers may ship the host in their preload list. Default false."),
});

export const https = switchable({
  port: option(integer(1, 65_535), "The port of https. Default 443."),
  hsts: option(hsts, "HSTS: browsers use https only. Default false."),
});

export const maintenance = switchable({
  retryAfter: option(duration("1s", "24h"), 'The Retry-After of the answer. Default "5m".'),
  page: option(page, "The HTML page. Default: Weir's own."),
  allow: option(networks, "Clients that are served as usual. Default: none."),
});

export const methods = list(checkedText('a method in capitals, such as "GET"', isMethod), 1, 32, "methods");

export const maxRequestBody = size("0B", "5GB");
