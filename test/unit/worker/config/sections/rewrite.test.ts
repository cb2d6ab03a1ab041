/** `rewrite`: cookies' domains as they are compared, and the longest path first. */
import { rewrite as section } from "../../../../../worker/config/sections/rewrite.ts";
import { accepts, allows, inUpstream, refuses } from "../tables.ts";

const rewrite = inUpstream(section);

const renamed = (from: string, to: string): object => ({ from, to });
const domains = { ".A.internal": "", "bücher.internal": "" };
accepts(rewrite, [
  [{}, { redirects: true, cookieDomains: [], cookiePaths: [] }],
  [
    { redirects: false, cookieDomains: domains, cookiePaths: { "/": "/x", "/app": "/" } },
    {
      redirects: false,
      cookieDomains: [renamed("a.internal", ""), renamed("xn--bcher-kva.internal", "")],
      cookiePaths: [renamed("/app", "/"), renamed("/", "/x")],
    },
  ],
]);
allows(rewrite, [{ cookieDomains: { "a.internal": "", "b.a.internal": "" } }]);

const cookiePath = 'a path from "/", without ";" or control characters';
const domain = 'a domain name such as "example.com"';
refuses(rewrite, [
  [{ cookiePaths: { app: "/" } }, ".cookiePaths.app", cookiePath, 'key "app"'],
  [
    { cookieDomains: { "a.internal": "1.2.3.4" } },
    '.cookieDomains["a.internal"]',
    `${domain}, or "" for the host that was asked`,
  ],
  [{ cookieDomains: { "1.2.3.4": "" } }, '.cookieDomains["1.2.3.4"]', domain, 'key "1.2.3.4"'],
  [
    { cookieDomains: { "a.internal": "", ".A.Internal": "example.com" } },
    '.cookieDomains[".A.Internal"]',
    "each domain once",
    "the same domain again",
  ],
]);
