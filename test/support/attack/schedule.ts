/**
 * What an attacker does, at random: acts one after the other, each a way to send a request, a path, how often, and whether a session of the
 * attacker's own chooses the origin. Some schedules repeat one act, the worst that there is for rules that count rows or shares.
 */
import fc from "fast-check";

import { paths } from "./origin.ts";

export const ways = [
  "ask",
  "post",
  "upload",
  "upgrade",
  "large head",
  "trickle",
  "leave",
  "stop reading",
] as const;
export type Way = (typeof ways)[number];

export interface Act {
  readonly way: Way;
  readonly path: string;
  readonly times: number;
  /** All of them at once; otherwise one after the other. */
  readonly together: boolean;
  /** The number of the origin that a cookie of the attacker's names, modulo the number of origins; absent: no cookie. */
  readonly at?: number;
  /** For ways that end in the client's leaving: after so long, and how. */
  readonly leaveMs: number;
  readonly how: "FIN" | "RST";
}

export type Schedule = readonly Act[];

/** A path that is never answered is asked for by all at once, for time's sake. */
const takesLong = (path: string): boolean => path === "/silent";

const act: fc.Arbitrary<Act> = fc
  .record(
    {
      way: fc.oneof(
        { weight: 3, arbitrary: fc.constant<Way>("ask") },
        { weight: 4, arbitrary: fc.constantFrom(...ways) },
      ),
      path: fc.constantFrom(...paths),
      times: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant(30)),
      together: fc.boolean(),
      at: fc.nat(3),
      leaveMs: fc.nat(40),
      how: fc.constantFrom("FIN", "RST"),
    },
    { requiredKeys: ["way", "path", "times", "together", "leaveMs", "how"] },
  )
  .map((one) => ({ ...one, together: one.together || takesLong(one.path) }));

export const anySchedule: fc.Arbitrary<Schedule> = fc.oneof(
  { weight: 3, arbitrary: fc.array(act, { minLength: 1, maxLength: 8 }) },
  { weight: 1, arbitrary: act.map((one) => Array<Act>(4).fill(one)) },
);
