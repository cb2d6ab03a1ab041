/**
 * Failures in a row, counted over the whole fleet (Envoy's `consecutive_5xx`, nginx's `max_fails`): the fastest judge, and one that a good
 * answer silences. Sure failures suffice by themselves; others accuse only where the peers do not fail alike.
 */
import { kindOf, weightOf, type Accusation, type Case, type OriginJudge } from "./judge.ts";
import { betterHalf, shareOf } from "./peers.ts";

export const inRow: OriginJudge = {
  name: "row",
  judge(of: Case): Accusation | undefined {
    const { row, rules, isOneClient } = of;
    if (weightOf(row, of) < rules.failures) return undefined;
    if (row.sure < rules.failures) {
      const better = betterHalf(of);
      if (shareOf(better) >= 0.5) return undefined;
      if (isOneClient && better.good < rules.failures && row.weight < rules.failures) return undefined;
    }
    return { by: "row", of: kindOf(row), reason: `${row.total} failures in a row` };
  },
};
