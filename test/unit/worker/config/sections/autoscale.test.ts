/** `autoscale`: orders for a pool after a home that has a limit. */
import { autoscale as section } from "../../../../../worker/config/sections/autoscale.ts";
import { accepts, allows, inUpstream, refuses, secretExpected, whole, type Scope } from "../tables.ts";

const url = "https://scale.example.com/";
const secret = "s".repeat(32);
const least = { slots: 8, max: 20, webhook: { url, secret } };
const origin = { name: "a", url: "https://a.example.com" };
const home = { name: "home", origins: [{ ...origin, maxConns: 8 }] };
const cloud = { name: "cloud", origins: [{ name: "b", url: "https://b.example.com" }] };
const moon = { name: "moon", origins: [{ name: "m", url: "https://m.example.com" }] };

const scope = inUpstream(section, { pools: [home, cloud, moon] });
const autoscale: Scope = { ...scope, make: (parts) => scope.make({ ...least, ...(parts as object) }) };
const among: Scope = { ...scope, make: (pools) => inUpstream(section, { pools }).make(least) };

const compiled = { pool: "cloud", slots: 8, startsInMs: 45_000, min: 0, max: 20, webhook: { url, secret } };
accepts(autoscale, [
  [{}, compiled],
  [
    { pool: "moon", startsIn: "1s", shrinkAfter: "2m", reserve: 0.5 },
    { ...compiled, pool: "moon", startsInMs: 1_000, shrinkAfterMs: 120_000, reserve: 0.5 },
  ],
  [{ min: 20 }, { ...compiled, min: 20 }],
  [
    { webhook: { url: "http://10.1.2.3/", secret } },
    { ...compiled, webhook: { url: "http://10.1.2.3/", secret } },
  ],
]);

const urlExpected = "an https: URL, or http: on a private network";
const poolExpected = 'the name of a pool after home: "cloud" or "moon"';
refuses(autoscale, [
  [{ webhook: { url: "http://scale.example.com/", secret } }, ".webhook.url", urlExpected],
  [
    { webhook: { url: "https://me:hunter2@scale.example.com/", secret } },
    ".webhook.url",
    urlExpected,
    '"https://***@scale.example.com/"',
  ],
  [{ webhook: { url } }, ".webhook.secret", secretExpected],
  [{ webhook: { url, secret: "hunter2" } }, ".webhook.secret", secretExpected, '"***"'],
  [{ reserve: -1 }, ".reserve", "a number from 0 to 10"],
  [{ reserve: 11 }, ".reserve", "a number from 0 to 10"],
  [{ pool: "home" }, ".pool", poolExpected],
  [{ pool: "mars" }, ".pool", poolExpected],
  [{ min: 21 }, ".min", "at most autoscale.max"],
  [{ min: -1 }, ".min", whole(0, 1000)],
  [{ max: 0 }, ".max", whole(1, 1000)],
  [{ slots: 0.5 }, ".slots", whole(1, 1_000_000)],
]);

refuses(inUpstream(section, { pools: [home, cloud] }), [
  [{ ...least, pool: "moon" }, ".pool", 'the name of a pool after home: "cloud"'],
]);
const limits = "maxConns for home's origins: instances are ordered for what home cannot carry";
refuses(among, [
  [[home], "", "a pool after home that can grow", "no second pool"],
  [[{ ...home, origins: [origin] }, cloud], "", limits, "a home without maxConns"],
]);
allows(among, [
  [{ ...home, origins: [...home.origins, { ...origin, name: "unlimited" }] }, cloud],
  [{ name: "home", origins: [], register: { secret, urls: ["https://*.example.net"] } }, cloud],
]);
