/**
 * A random attacker among honest clients: one address that asks each origin, by cookies of its own, for what fails, resets or is answered, at
 * any rate. No origin is taken out that honest clients find well; and one that fails them is, whatever the attacker does.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { HealthBook } from "../../../../core/health/health-book.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import type { OutcomeRun } from "../../../../core/protocol/outcome.ts";
import { runs } from "../../../support/runs.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const attacker = 666;

/** What the attacker does between two requests of honest clients. */
interface Attack {
  readonly nth: number;
  readonly what: "500" | "503" | "reset" | "timeout" | "good" | "told of another's answer";
  /** The origin was the attacker's own session's; else any request might have gone there. */
  readonly isBound: boolean;
  readonly times: number;
}

const attack: fc.Arbitrary<Attack> = fc.record({
  nth: fc.nat(3),
  what: fc.constantFrom("500", "503", "reset", "timeout", "good", "told of another's answer"),
  isBound: fc.boolean(),
  times: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 40 })),
});

const schedule = fc.record({
  seed: fc.nat(),
  origins: fc.integer({ min: 2, max: 4 }),
  clients: fc.integer({ min: 4, max: 12 }),
  everyMs: fc.integer({ min: 1, max: 200 }),
  // Also one that goes on with the same: the worst there is for a rule that counts rows or shares.
  attacks: fc.oneof(
    fc.array(attack, { maxLength: 40 }),
    attack.map((one) => [one]),
  ),
});

function outcomeOf({ what, isBound }: Attack, name: string): OutcomeRun {
  const told = { origin: name, client: attacker };
  if (what === "good") return { ...told, ok: true };
  const bound = isBound || undefined;
  if (what === "told of another's answer") return { ...told, ok: false, bound, confirms: true };
  const failed = { ...told, ok: false, bound, detail: what };
  return what === "reset" ? { ...failed, lost: true } : failed;
}

interface Outage {
  /** It fails all honest clients. */
  readonly broken?: string;
  /** If there are probes, they are good all the time. */
  readonly isProbed?: boolean;
  /** Another origin answers what the broken one fails. */
  readonly areRetried?: boolean;
}

/** Plays the schedule; what became of origins, and when. */
function play(
  { seed, origins, clients, everyMs, attacks }: typeof schedule extends fc.Arbitrary<infer S> ? S : never,
  requests: number,
  { broken, isProbed = true, areRetried = false }: Outage = {},
) {
  const random = seededRandom(seed);
  const names = Array.from({ length: origins }, (_, nth) => `o-${nth}`);
  const { health, ...unprobed } = upstream({
    pools: [
      pool(
        "home",
        names.map((name) => origin(name)),
      ),
    ],
  });
  const book = new HealthBook(isProbed && health ? { ...unprobed, health } : unprobed, new Map(), 0);
  const became: { readonly origin: string; readonly to: string; readonly after: number }[] = [];
  let probedMs = -Infinity;
  for (let nth = 0; nth < requests; nth++) {
    const now = nth * everyMs;
    if (isProbed && now >= probedMs + 5_000) {
      for (const name of names) book.probed({ origin: name, good: true, evidence: "" }, now);
      probedMs = now;
    }
    const serving = names.filter((name) => book.isHealthy(name, now) && !book.isSuspect(name, now));
    const name = serving[Math.floor(random.next() * serving.length)] ?? names[0]!;
    const client = Math.floor(random.next() * clients);
    const step = attacks.length > 0 ? attacks[nth % attacks.length] : undefined;
    const told: OutcomeRun[] = [{ origin: name, ok: name !== broken, client, detail: "500" }];
    if (areRetried && name === broken) told.push({ origin: name, ok: false, client, confirms: true });
    for (let time = 0; time < (step?.times ?? 0); time++)
      told.push(outcomeOf(step!, names[step!.nth % origins]!));
    for (const run of told) {
      const transition = book.observed(run, now);
      if (transition !== undefined) became.push({ origin: transition.origin, to: transition.to, after: nth });
    }
  }
  return became;
}

describe("beside honest clients", () => {
  test("and good probes one client takes no origin out, and makes none suspect, whatever it asks for and how often", () => {
    fc.assert(
      fc.property(schedule, (plan) => {
        expect(play(plan, 60)).toEqual([]);
      }),
      { numRuns: runs(400, 10_000) },
    );
  });

  test("nor does that client keep one out, where it fails once and is answered by another origin", () => {
    const what = ["503", "told of another's answer"] as const;
    const attacks = what.map((one): Attack => ({ nth: 0, what: one, isBound: false, times: 20 }));
    expect(play({ seed: 1, origins: 3, clients: 8, everyMs: 50, attacks }, 2_000)).toEqual([]);
  });

  test("nor does that client without probes, as long as others are there", () => {
    fc.assert(
      fc.property(schedule, (plan) => {
        expect(play(plan, 60, { isProbed: false })).toEqual([]);
      }),
      { numRuns: runs(300, 10_000) },
    );
  });

  test("but an origin that fails the only client there is is taken out, if others answer the same requests", () => {
    const attacks = [{ nth: 0, what: "good", isBound: false, times: 0 } as const];
    const only = { seed: 1, origins: 3, clients: 1, everyMs: 200, attacks };
    const became = play(only, 200, { broken: "o-0", areRetried: true });
    expect(became[0]).toMatchObject({ origin: "o-0", to: "ejected" });
    expect(play(only, 200, { broken: "o-0" })).toEqual([]);
  });

  test("nor does that client take one out right after another one has gone, with all that was seen of other clients", () => {
    const fails = { nth: 2, isBound: false, times: 5 };
    const attacks: Attack[] = [
      { nth: 0, what: "500", isBound: false, times: 2 },
      { ...fails, what: "500" },
      { ...fails, what: "told of another's answer" },
    ];
    const plan = { seed: 1_759_651_182, origins: 4, clients: 4, everyMs: 2, attacks };
    expect(play(plan, 200, { broken: "o-0" })).toEqual([{ origin: "o-0", to: "ejected", after: 2 }]);
  });

  test("an origin that fails all others is taken out after a few dozen requests, whatever that client does", () => {
    fc.assert(
      fc.property(schedule, (plan) => {
        const became = play({ ...plan, everyMs: 1 + (plan.everyMs % 100) }, 200, { broken: "o-0" });
        expect(became[0]).toMatchObject({ origin: "o-0", to: "ejected" });
        expect(became.every(({ origin: name }) => name === "o-0")).toBe(true);
      }),
      { numRuns: runs(200, 10_000) },
    );
  });
});
