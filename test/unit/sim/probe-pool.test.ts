/** Prequal's pool of probes: what is asked, what is kept, and what is taken out. */
import { describe, expect, test } from "vitest";

import { seededRandom } from "../../../core/model/random.ts";
import type { Machine } from "../../../sim/servers/fleet.ts";
import { ProbePool } from "../../../sim/strategies/baselines/probe-pool.ts";

const servers = Array.from({ length: 20 }, (_, index) => index);

/** Each server has as many in flight as its number says. */
const machines = servers.map(
  (open) => ({ model: { open, up: true }, latencies: { expect: () => 100 - open } }) as unknown as Machine,
);

describe("a pool of probes", () => {
  test("asks three different servers with each query, and all there are if they are fewer", () => {
    const pool = new ProbePool(servers.length, seededRandom(1));
    for (let query = 0; query < 200; query++) {
      const asked = pool.probe(machines, servers, query).map(({ server }) => server);
      expect(new Set(asked).size).toBe(3);
    }
    const all = pool.probe(machines, [4, 5], 0).map(({ server }) => server);
    expect(new Set(all)).toEqual(new Set([4, 5]));
  });

  test("keeps the latest 16 answers", () => {
    const pool = new ProbePool(servers.length, seededRandom(2));
    for (let query = 0; query < 6; query++) pool.probe(machines, servers, query);
    expect(pool.probes.map(({ at }) => at)).toEqual([0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5]);
  });

  test("takes out in turns the oldest, and the worst as the rule has it", () => {
    const pool = new ProbePool(servers.length, seededRandom(3));
    for (let query = 0; query < 5; query++) pool.probe(machines, servers, query);
    const [oldest] = pool.probes;
    pool.removeOne(({ server }) => server);
    expect(pool.probes).not.toContain(oldest);
    const worst = Math.max(...pool.probes.map(({ server }) => server));
    const before = pool.probes.filter(({ server }) => server === worst).length;
    pool.removeOne(({ server }) => server);
    expect(pool.probes.filter(({ server }) => server === worst)).toHaveLength(before - 1);
  });

  test("holds the quantile of the requests in flight that it has seen to be the border of hot", () => {
    const pool = new ProbePool(servers.length, seededRandom(4));
    for (let query = 0; query < 100; query++) pool.probe(machines, servers, query);
    const border = pool.hotAbove(0.75);
    expect(border).toBeGreaterThan(10);
    expect(pool.hotAbove(2 ** -0.25)).toBeGreaterThanOrEqual(border);
  });
});
