/**
 * What every judge owes: one suite, run for each of them. A scene is what was seen of an origin and of its peers; each judge is given one in
 * which it must accuse, and has to acquit in all that are like it but for what no judge may hold against an origin.
 */
import { describe, expect, test } from "vitest";

import { Failures } from "../../../../../core/health/judges/failures.ts";
import type { Case, OriginJudge, Peer } from "../../../../../core/health/judges/judge.ts";
import type { SeenLately } from "../../../../../core/health/judges/window.ts";

/** So many failures, each of another client of so many; `undefined`: nothing is known of the clients. */
export function failures(
  count: number,
  clients: number | undefined,
  { isBound = false, isLost = false }: { readonly isBound?: boolean; readonly isLost?: boolean } = {},
): Failures {
  const all = new Failures();
  for (let nth = 0; nth < count; nth++) {
    const client = clients === undefined ? undefined : 1 + (nth % clients);
    all.note({ isSure: false, isLost, isBound, client });
  }
  return all;
}

export function seen(good: number, failed: Failures, headerMs: readonly number[] = []): SeenLately {
  return { good, whose: good === 0 ? "none" : "several", failures: failed, headerMs };
}

export const peer = (
  good: number,
  failed: Failures = new Failures(),
  headerMs: readonly number[] = [],
): Peer => ({
  ...seen(good, failed, headerMs),
  weight: 1,
});

/** A case with three peers that are well. */
export function caseOf(parts: Partial<Case>): Case {
  return {
    rules: { failures: 5, ejectMs: 1_000, maxEjectMs: 1_000, slow: true },
    row: new Failures(),
    seen: seen(0, new Failures()),
    weight: 1,
    peers: [peer(100), peer(100), peer(100)],
    isProbedGood: true,
    isOneClient: false,
    isUneven: false,
    ...parts,
  };
}

/** The suite for the judge. `guilty`: what it accuses an origin of, with so many clients and peers like these. */
export function describeContract(
  judge: OriginJudge,
  guilty: (clients: number, peers?: readonly Peer[]) => Case,
  likeGuilty: Peer,
): void {
  describe(`${judge.name} keeps the contract of all judges:`, () => {
    test("it accuses, by its own name and with a reason", () => {
      const accusation = judge.judge(guilty(8)) ?? expect.unreachable("acquitted");
      expect(accusation.by).toBe(judge.name);
      expect(accusation.reason).toMatch(/\d/);
    });

    test("an origin of which nothing was seen is not accused", () => {
      expect(judge.judge(caseOf({}))).toBeUndefined();
    });

    test("one client's word accuses no origin while probes find it well", () => {
      expect(judge.judge(guilty(1))).toBeUndefined();
    });

    test("what the peers show alike accuses no origin", () => {
      expect(judge.judge(guilty(8, [likeGuilty, likeGuilty, likeGuilty]))).toBeUndefined();
    });

    test("it judges the same case the same way, and changes nothing of it", () => {
      const of = guilty(8);
      expect(judge.judge(of)).toEqual(judge.judge(of));
    });
  });
}
