/** What the default policy promises, in pools whose servers it cannot know: in virtual time, from fixed seeds. */
import { describe, expect, test } from "vitest";

import { createBalancer, type Balancer } from "../../../../core/selection/registry.ts";
import type { Policy } from "../../../../core/model/upstream.ts";
import { runs } from "../../../support/runs.ts";
import { candidate } from "../../../support/upstream.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import {
  exponential,
  lognormal,
  quantile,
  serve,
  type Served,
  type Server,
} from "../../../support/queueing-pool.ts";

const by =
  (policy: Policy) =>
  (origins: readonly { readonly name: string }[]): Balancer =>
    createBalancer(policy, origins);
const adaptive = by({ name: "adaptive" });
const leastConn = by({ name: "least_conn" });

const server = (workers: number, slowness = 1): Server => ({ workers, slowness: () => slowness });

/** The share of the requests that a server got from one second to another. */
function shareOf({ picks }: Served, server: number, fromS: number, toS: number): number {
  const sum = (counts: readonly number[]): number =>
    counts.slice(fromS, toS).reduce((total, count) => total + count, 0);
  return sum(picks[server] ?? []) / picks.reduce((total, counts) => total + sum(counts), 0);
}

describe("in a pool that nothing is known of, adaptive", () => {
  test("lets idle origins take turns, and goes on doing so when it has seen answers", () => {
    const pool = [server(4), server(4), server(4)];
    const seen = serve(pool, { perSecond: 2, seconds: 300, serviceMs: exponential(60), seed: 1 }, adaptive);
    for (const index of [0, 1, 2]) expect(shareOf(seen, index, 0, 300)).toBeGreaterThan(0.2);
  });
});

describe("with a few origins, at the 99th percentile, adaptive is at most 5 % above least_conn:", () => {
  const pools = [
    { name: "two equal ones", pool: [server(8), server(8)] },
    { name: "three equal ones", pool: [server(4), server(4), server(4)] },
    { name: "five equal ones", pool: Array.from({ length: 5 }, () => server(16)) },
    { name: "one of two a fifth slower", pool: [server(8), server(8, 1.25)] },
    { name: "one of three half as fast", pool: [server(8), server(8), server(8, 2)] },
  ];
  const loads = [0.5, 0.8, 0.9];
  const requests = runs(12_000, 100_000);
  test.each(pools.flatMap((pool) => loads.map((load) => ({ ...pool, load }))))(
    "$name, load $load",
    ({ pool, load }) => {
      const capacity = pool.reduce((sum, { workers, slowness }) => sum + workers / slowness(0), 0);
      const ratio = [1, 2, 3].map((seed) => {
        const perSecond = (load * capacity * 1_000) / 50;
        const traffic = {
          perSecond,
          seconds: Math.round(Math.min(60, requests / perSecond)),
          serviceMs: lognormal(50, 1),
          seed,
        };
        return (
          quantile(serve(pool, traffic, adaptive), 0.99) / quantile(serve(pool, traffic, leastConn), 0.99)
        );
      });
      expect(ratio.reduce((sum, one) => sum + one) / ratio.length).toBeLessThan(1.05);
    },
  );
});

describe("of an origin that gets worse, adaptive", () => {
  const traffic = { perSecond: 400, seconds: 60, serviceMs: exponential(50), seed: 1 };
  const peers = Array.from({ length: 4 }, () => server(8));

  test("takes most of the traffic away while it is ten times as slow, and gives it back afterwards", () => {
    const gray = { workers: 8, slowness: (now: number) => (now >= 20_000 && now < 35_000 ? 10 : 1) };
    const seen = serve([gray, ...peers], traffic, adaptive);
    expect(shareOf(seen, 0, 10, 20)).toBeGreaterThan(0.12);
    expect(shareOf(seen, 0, 22, 35)).toBeLessThan(0.04);
    expect(shareOf(seen, 0, 45, 60)).toBeGreaterThan(0.12);
  });

  test("is not drawn to one that fails at once, and forgives it", () => {
    const sinkhole = { ...server(8), fails: (now: number) => now >= 20_000 && now < 30_000 };
    const seen = serve([sinkhole, ...peers], traffic, adaptive);
    expect(shareOf(seen, 0, 21, 30)).toBeLessThan(0.02);
    expect(shareOf(seen, 0, 50, 60)).toBeGreaterThan(0.12);
  });

  test("is not drawn to one that fails half of the time either", () => {
    let request = 0;
    const coin = { ...server(8), fails: () => request++ % 2 === 0 };
    const seen = serve([coin, ...peers], traffic, adaptive);
    expect(shareOf(seen, 0, 10, 60)).toBeLessThan(0.12);
  });

  test("shuns no origin when all fail alike: the fault is the application's", () => {
    const random = seededRandom(5);
    const pool = peers.map((peer) => ({ ...peer, fails: () => random.next() < 0.1 }));
    const seen = serve(pool, traffic, adaptive);
    for (const index of pool.keys()) expect(shareOf(seen, index, 5, 60)).toBeGreaterThan(0.18);
  });
});

describe("adaptive uses the fast origins first", () => {
  test("and answers much faster than least_conn, where half of them take three times as long", () => {
    const pool = Array.from({ length: 10 }, (_, index) => server(8, index % 2 === 0 ? 1 : 3));
    const traffic = { perSecond: 650, seconds: 60, serviceMs: exponential(50), seed: 1 };
    const [fast, plain] = [serve(pool, traffic, adaptive), serve(pool, traffic, leastConn)];
    expect(quantile(fast, 0.99)).toBeLessThan(0.8 * quantile(plain, 0.99));
  });
});

describe("in a large pool, adaptive", () => {
  test("looks at four random ones: it never takes the most loaded of them", () => {
    const candidates = Array.from({ length: 1_000 }, (_, index) => candidate(`${index}`, 1, index));
    const { policy } = adaptive(candidates);
    const random = seededRandom(1);
    const chosen = Array.from(
      { length: 2_000 },
      () => policy.select(candidates, { random, now: 0 })?.inFlight ?? NaN,
    );
    // The least of four: a fifth of the pool on average.
    const mean = chosen.reduce((sum, one) => sum + one) / chosen.length;
    expect(Math.abs(mean - 200)).toBeLessThan(20);
    expect(Math.max(...chosen)).toBeLessThan(997);
  });
});
