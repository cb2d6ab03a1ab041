import { defineConfig } from "../../worker/config/define-config.ts";

/** Probes are off wherever a test wants to be the only one who speaks of an origin's health. */
export default defineConfig({
  target: "workerd",
  upstreams: {
    telling: {
      policy: "round_robin",
      pools: [
        {
          name: "home",
          origins: [
            { name: "a", url: "${ENV:ORIGIN_A}" },
            { name: "b", url: "${ENV:ORIGIN_B}" },
          ],
        },
      ],
      health: false,
      loadReports: { secret: "nothing secret, for tests of reports only" },
    },
    shop: {
      policy: "round_robin",
      pools: [
        {
          name: "home",
          origins: [
            { name: "a", url: "${ENV:ORIGIN_A}", maxConns: 2 },
            { name: "b", url: "${ENV:ORIGIN_B}", maxConns: 2 },
          ],
        },
        { name: "cloud", origins: [{ name: "c", url: "${ENV:ORIGIN_C}" }] },
      ],
      health: false,
      // A new session that finds home full is answered at once, and not after a wait.
      queue: false,
      sticky: { ttl: "1h", idle: "10m" },
      timeouts: { headers: "1s", total: "3s", maxHold: "1s" },
    },
    bursting: {
      pools: [
        { name: "home", origins: [{ name: "a", url: "${ENV:ORIGIN_A}", maxConns: 2 }] },
        { name: "cloud", origins: [{ name: "c", url: "${ENV:ORIGIN_C}" }] },
      ],
      health: { path: "/healthz", interval: "1s", timeout: "500ms" },
      sticky: { ttl: "1h", idle: "10m", cookie: "bursting" },
      timeouts: { headers: "1s", total: "10s" },
      burst: {
        enter: { utilisation: 0.5, for: "1s" },
        exit: { for: "9s" },
        minHold: "0s",
        sessions: { moveWithin: "1s" },
      },
    },
    paid: {
      pools: [
        { name: "home", origins: [{ name: "a", url: "${ENV:ORIGIN_A}", maxConns: 1 }] },
        {
          name: "cloud",
          origins: [{ name: "c", url: "${ENV:ORIGIN_C}" }],
          cost: { perRequest: 0.1 },
          budget: { moneyPerDay: 100 },
        },
      ],
      health: false,
    },
    joining: {
      pools: [
        { name: "home", origins: [{ name: "a", url: "${ENV:ORIGIN_A}", maxConns: 1 }] },
        {
          name: "cloud",
          origins: [],
          register: {
            secret: "nothing secret, for tests of registrations only",
            urls: ["${ENV:ORIGIN_C}"],
            every: "1s",
            maxConns: 3,
          },
        },
      ],
      health: { path: "/healthz", interval: "1s", timeout: "500ms", rise: 1, fall: 1 },
    },
    probed: {
      pools: [
        {
          name: "home",
          origins: [
            { name: "a", url: "${ENV:ORIGIN_A}" },
            { name: "b", url: "${ENV:ORIGIN_B}" },
          ],
        },
      ],
      health: { path: "/healthz", interval: "1s", timeout: "500ms", rise: 1, fall: 1 },
    },
    watched: {
      pools: [
        {
          name: "home",
          origins: [
            { name: "a", url: "${ENV:ORIGIN_A}" },
            { name: "b", url: "${ENV:ORIGIN_B}" },
          ],
        },
      ],
      // Long enough for a machine that has other things to do; and nothing else probes within a test.
      health: { path: "/healthz", interval: "60s", timeout: "10s", rise: 1, fall: 1 },
    },
  },
  routes: [
    { host: "telling.test", upstream: "telling", debug: true },
    { host: "probed.test", upstream: "probed" },
    { host: "watched.test", upstream: "watched" },
    { host: "shop.test", upstream: "shop" },
    { host: "bursting.test", upstream: "bursting" },
    { host: "debug.test", upstream: "shop", debug: true },
  ],
});
