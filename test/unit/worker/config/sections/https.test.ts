/** `https` of a route. */
import { https as section } from "../../../../../worker/config/sections/https.ts";
import { accepts, inRoute, refuses, refusesValues, switchExpected, whole } from "../tables.ts";

const https = inRoute(section);

accepts(https, [
  [true, { port: 443 }],
  [false, undefined],
  [{ hsts: true }, { port: 443, hsts: "max-age=31536000" }],
  [{ hsts: false }, { port: 443 }],
  [{ hsts: { maxAge: "0s" } }, { port: 443, hsts: "max-age=0" }],
  [
    { port: 8443, hsts: { maxAge: "17520h", includeSubDomains: true, preload: true } },
    { port: 8443, hsts: "max-age=63072000; includeSubDomains; preload" },
  ],
  // A year is enough for preload, and without it less is, too.
  [
    { hsts: { maxAge: "8760h", includeSubDomains: true, preload: true } },
    { port: 443, hsts: "max-age=31536000; includeSubDomains; preload" },
  ],
  [
    { hsts: { maxAge: "1h", includeSubDomains: true } },
    { port: 443, hsts: "max-age=3600; includeSubDomains" },
  ],
]);

refusesValues(https, [
  ["", "yes", switchExpected],
  [".port", 0, whole(1, 65_535)],
  [".hsts.preload", true, "includeSubDomains: true beside it"],
]);
refuses(https, [
  [
    { hsts: { preload: true, includeSubDomains: true, maxAge: "8759h" } },
    ".hsts.maxAge",
    'at least "8760h", for preload',
  ],
]);
