/** What a drain tells its operator, and when the sessions of an origin have finished. */
import { describe, expect, test } from "vitest";

import { mayHaveSessions, waitingText } from "../../../cli/operate/waiting-text.ts";
import type { DrainWait } from "../../../core/protocol/origin-view.ts";

const now = 1_000_000;

const view = (sessions: number, ...waitingFor: DrainWait[]) => ({ sessions, waitingFor, stillOpen: 0 });

const bound = (inMs: number): DrainWait => ({ why: "sessions", untilMs: now + inMs });

describe("the sessions of a drained origin have not finished", () => {
  test.each([
    ["while one is counted", view(1, bound(-1))],
    ["while one that has made a single request, and so is not counted, may come back", view(0, bound(1))],
    [
      "while an isolate that does not know the order may begin one",
      view(0, bound(-1), { why: "unconfirmed", holder: "one", untilMs: now + 8_000 }),
    ],
    [
      "while an isolate is silent that may",
      view(0, bound(-1), { why: "silent", holder: "one", untilMs: now + 8_000 }),
    ],
  ])("%s", (_when, waiting) => {
    expect(mayHaveSessions(waiting, now)).toBe(true);
  });

  test("and then they have", () => {
    expect(mayHaveSessions(view(0, bound(0)), now)).toBe(false);
    expect(mayHaveSessions(view(0, bound(0), { why: "open", holder: "one", open: 1 }), now)).toBe(false);
  });
});

test("the line says which sessions are waited for, and for how long at most", () => {
  expect(waitingText(view(2, bound(90_000)), now)).toBe(
    "2 sessions are bound to it; sessions that have made only one request may come back (90 s at most)",
  );
  expect(waitingText(view(1, bound(0)), now)).toBe("1 session is bound to it");
});
