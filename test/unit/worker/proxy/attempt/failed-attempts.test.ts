/** What the object is told when an origin answers what another one has failed. */
import { expect, test } from "vitest";

import type { Outcome } from "../../../../../core/protocol/outcome.ts";
import { FailedAttempts } from "../../../../../worker/proxy/attempt/failed-attempts.ts";
import type { Tried } from "../../../../../worker/proxy/attempt/try-once.ts";

type Arguments = ConstructorParameters<typeof FailedAttempts>[0];

function play(...attempts: readonly (readonly [origin: string, status: number, isBound?: boolean])[]) {
  const told: Outcome[] = [];
  const holder = { recordOutcome: (outcome: Outcome) => told.push(outcome) };
  const failed = new FailedAttempts({ client: { holder }, clientNumber: 7 } as unknown as Arguments);
  for (const [origin, status, isBound = false] of attempts) {
    const tried = { outcome: { kind: "response", status }, isHeldAgainst: status >= 500, answeredMs: 1 };
    failed.note(tried as Tried, { slot: { origin } as never, isBound });
  }
  return told;
}

const word = { ok: false, confirms: true, client: 7 };

test("each origin that failed a request is named when another one has answered it", () => {
  expect(play(["a", 503], ["b", 503, true], ["c", 200])).toEqual([
    { ...word, origin: "a", bound: undefined },
    { ...word, origin: "b", bound: true },
  ]);
});

test.each([
  ["nothing has failed", [["a", 200]]],
  [
    "no other origin has answered",
    [
      ["a", 503],
      ["b", 503],
    ],
  ],
  [
    "the other one refuses the request, perhaps for the same reason",
    [
      ["a", 503],
      ["b", 431],
    ],
  ],
  [
    "the origin has answered itself, when it was tried again",
    [
      ["a", 503],
      ["a", 200],
    ],
  ],
] as const)("nothing is told if %s", (_, attempts) => {
  expect(play(...attempts)).toEqual([]);
});
