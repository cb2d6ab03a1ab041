/** Each judge: what all of them owe, and what it finds by itself. */
import { describe, expect, test } from "vitest";

import { clients } from "../../../../../core/health/judges/clients.ts";
import { Failures } from "../../../../../core/health/judges/failures.ts";
import { inRow } from "../../../../../core/health/judges/in-row.ts";
import type { Peer } from "../../../../../core/health/judges/judge.ts";
import { share } from "../../../../../core/health/judges/share.ts";
import { slow } from "../../../../../core/health/judges/slow.ts";
import { caseOf, describeContract, failures, peer, seen } from "./contract.ts";

const times = (count: number, ms: number): number[] =>
  Array.from({ length: count }, (_, nth) => ms + (nth % 5));
const well = [peer(100), peer(100), peer(100)];

const rowOf = (count: number, of: number, peers: readonly Peer[] = well) => {
  const row = failures(count, of);
  return caseOf({ row, seen: seen(50, row), peers });
};
const shareOf = (good: number, failed: number, of: number, peers: readonly Peer[] = well) =>
  caseOf({ seen: seen(good, failures(failed, of)), peers });
const slowWith = (ms: number, peers: readonly Peer[], of = 8) =>
  caseOf({ seen: { ...seen(30, new Failures(), times(30, ms)), whose: of === 1 ? 1 : "several" }, peers });
const fast = [40, 50, 60].map((ms) => peer(30, new Failures(), times(30, ms)));

describeContract(inRow, (of, peers) => rowOf(5, of, peers), peer(0, failures(20, 8)));
describeContract(share, (of, peers) => shareOf(20, 10, of, peers), peer(20, failures(10, 8)));
describeContract(clients, (of, peers) => shareOf(10_000, 16, of, peers), peer(100, failures(16, 8)));
describeContract(
  slow,
  (of, peers = fast) => slowWith(500, peers, of),
  peer(30, new Failures(), times(30, 500)),
);

describe("failures in a row", () => {
  test("accuse at the configured number, and not before", () => {
    expect(inRow.judge(rowOf(4, 4))).toBeUndefined();
    expect(inRow.judge(rowOf(5, 5))).toMatchObject({ of: "answers", reason: "5 failures in a row" });
  });

  test("of one client beside others count as many as the others' together", () => {
    const row = failures(2, 2);
    for (let nth = 0; nth < 100; nth++) row.note({ isSure: false, isLost: false, isBound: true, client: 9 });
    expect(row.weight).toBe(4);
    expect(inRow.judge(caseOf({ row, seen: seen(0, row) }))).toBeUndefined();
  });

  test("that count whoever met them accuse where every peer fails, too", () => {
    const row = failures(5, undefined, { isLost: true });
    const peers = [peer(0, failures(9, undefined))];
    expect(inRow.judge(caseOf({ row, seen: seen(0, row), peers }))).toMatchObject({ of: "lost" });
  });

  test("of the only client accuse where no probe speaks for the origin and its peers answer that client", () => {
    const row = failures(5, 1);
    const only = { row, seen: seen(0, row), isOneClient: true, isProbedGood: false };
    expect(inRow.judge(caseOf(only))).toBeDefined();
    expect(inRow.judge(caseOf({ ...only, isProbedGood: true }))).toBeUndefined();
    expect(inRow.judge(caseOf({ ...only, isOneClient: false }))).toBeUndefined();
    expect(inRow.judge(caseOf({ ...only, peers: [peer(4)] }))).toBeUndefined();
    const bound = failures(5, 1, { isBound: true });
    expect(inRow.judge(caseOf({ ...only, row: bound, seen: seen(0, bound) }))).toBeUndefined();
  });

  test("accuse as long as half of the peers are well", () => {
    const bad = peer(0, failures(20, 8));
    expect(inRow.judge(rowOf(5, 5, [bad, bad, peer(20)]))).toBeUndefined();
    expect(inRow.judge(rowOf(5, 5, [bad, peer(20), peer(20)]))).toBeDefined();
  });
});

describe("the share of failures", () => {
  test("accuses an origin that fails every third request, after fifteen", () => {
    expect(share.judge(shareOf(8, 4, 4))).toBeUndefined();
    expect(share.judge(shareOf(10, 5, 5))?.reason).toBe(
      "33 % of its answers in 30 s were failures, of its peers' 0 %",
    );
  });

  test("does not go by what one client asks the peers for, however often", () => {
    const like = peer(100_000, failures(5, 5));
    expect(share.judge(shareOf(10, 5, 5, [like, like]))).toBeUndefined();
  });

  test("is not compared with peers of which too little was seen", () => {
    expect(share.judge(shareOf(10, 5, 5, [peer(9)]))).toBeUndefined();
  });

  test("has to be much larger where what is asked for decides which origin serves", () => {
    const hashed = { ...shareOf(10, 10, 5), isUneven: true };
    expect(share.judge(hashed)).toBeUndefined();
    expect(share.judge({ ...shareOf(2, 10, 5), isUneven: true })).toBeDefined();
  });
});

describe("different clients", () => {
  test("are not hidden by any number of good answers", () => {
    expect(clients.judge(shareOf(1_000_000, 8, 4))).toBeDefined();
  });

  test("are four at least, with eight failures beyond what the peers have", () => {
    expect(clients.judge(shareOf(100, 30, 3))).toBeUndefined();
    expect(clients.judge(shareOf(100, 7, 7))).toBeUndefined();
    const some = [peer(100, failures(4, 4)), peer(100, failures(4, 4))];
    expect(clients.judge(shareOf(100, 19, 8, some))).toBeUndefined();
    expect(clients.judge(shareOf(100, 20, 8, some))).toBeDefined();
  });

  test("say nothing where requests are not spread over the pool, or its peers have hardly any", () => {
    expect(clients.judge({ ...shareOf(100, 30, 8), isUneven: true })).toBeUndefined();
    expect(clients.judge(shareOf(100, 30, 8, [peer(19), peer(19)]))).toBeUndefined();
  });
});

describe("slowness", () => {
  test("is four times the median of the peers, and 50 ms more; by the fastest quarter", () => {
    expect(slow.judge(slowWith(200, fast))).toBeUndefined();
    expect(slow.judge(slowWith(210, fast))?.reason).toBe(
      "the fastest quarter of its answers takes 211 ms, of its peers' 51 ms",
    );
    const quick = [peer(30, new Failures(), times(30, 1))];
    expect(slow.judge(slowWith(50, quick))).toBeUndefined();
  });

  test("is not what one client's slow pages make of it, among others' fast ones", () => {
    const headerMs = [...times(15, 40), ...times(30, 5_000)];
    const of = caseOf({ seen: seen(45, new Failures(), headerMs), peers: fast });
    expect(slow.judge(of)).toBeUndefined();
  });

  test("is not looked at unless the config says so", () => {
    const { rules, ...rest } = slowWith(500, fast);
    expect(slow.judge({ ...rest, rules: { ...rules, slow: false } })).toBeUndefined();
  });
});
