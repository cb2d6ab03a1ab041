/** What follows an attempt, as one table; and what is never done, over every combination of facts. */
import { describe, expect, test } from "vitest";

import { decide, mayResend, type AttemptResult, type RetryFacts } from "../../../../core/resilience/retry.ts";
import { retryCauses, type Retries } from "../../../../core/model/upstream.ts";

const rules: Retries = { attempts: 2, on: retryCauses, budget: 0.2, nonIdempotent: false };

/** The application takes a POST twice. */
const twice: Retries = { ...rules, nonIdempotent: true };

/** A first attempt of a plain GET, with time left. */
const get: RetryFacts = {
  method: "GET",
  idempotencyKey: false,
  replayable: true,
  attempts: 1,
  remainingMs: 5_000,
  rules,
};
const post: RetryFacts = { ...get, method: "POST" };

const status = (code: number): AttemptResult => ({ kind: "response", status: code });
const unsent = (cause: "connect" | "timeout"): AttemptResult => ({ kind: "failed", cause, sent: "no" });
const maybeSent = (cause: "connect" | "timeout"): AttemptResult => ({ kind: "failed", cause, sent: "maybe" });
const givenUp: AttemptResult = { kind: "given-up" };

type Row = readonly [what: string, result: AttemptResult, facts: RetryFacts, expected: string];

const table: readonly Row[] = [
  // What the attempt came to.
  ["a 200 is the answer", status(200), get, "answered"],
  ["so is a 404", status(404), get, "answered"],
  ["so is a 500: the origin has spoken", status(500), get, "answered"],
  ["so is a 501", status(501), get, "answered"],
  ["a 502 is retried", status(502), get, "retry: 502"],
  ["a 503 is retried", status(503), get, "retry: 503"],
  ["a 504 is retried", status(504), get, "retry: 504"],
  ["a 505 is the answer", status(505), get, "answered"],
  ["a connection that failed is retried", unsent("connect"), get, "retry: connect"],
  ["one that broke is retried", maybeSent("connect"), get, "retry: connect"],
  ["a timeout is retried", maybeSent("timeout"), get, "retry: timeout"],
  ["for an attempt that was given up nothing is done", givenUp, get, "given-up"],
  // What the rules allow.
  [
    "a cause that is not in `on` is not retried",
    status(503),
    { ...get, rules: { ...rules, on: ["502"] } },
    "answered",
  ],
  ["nothing is, if `on` is empty", unsent("connect"), { ...get, rules: { ...rules, on: [] } }, "not-retried"],
  [
    "only what is in `on` is",
    unsent("connect"),
    { ...get, rules: { ...rules, on: ["connect"] } },
    "retry: connect",
  ],
  ["the second of two retries is made", status(503), { ...get, attempts: 2 }, "retry: 503"],
  ["a third is not", status(503), { ...get, attempts: 3 }, "no-attempts-left"],
  [
    "with no retries configured none is",
    status(503),
    { ...get, rules: { ...rules, attempts: 0 } },
    "no-attempts-left",
  ],
  ["a 500 is, where `on` names it", status(500), { ...get, rules: { ...rules, on: ["500"] } }, "retry: 500"],
  ["so is a 429", status(429), { ...get, rules: { ...rules, on: ["429"] } }, "retry: 429"],
  // Time.
  ["with 50 ms left it is worth trying", status(503), { ...get, remainingMs: 50 }, "retry: 503"],
  ["with less it is not", status(503), { ...get, remainingMs: 49 }, "no-time-left"],
  ["nor after the deadline", status(503), { ...get, remainingMs: -1 }, "no-time-left"],
  // The method.
  ...["HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PROPFIND", "MKCOL", "QUERY"].map((method): Row => [
    `${method} may be repeated`,
    status(503),
    { ...get, method },
    "retry: 503",
  ]),
  ...["POST", "PATCH", "CONNECT", "LOCK", "PURGE", "get"].map((method): Row => [
    `${method} may not`,
    status(503),
    { ...get, method },
    "not-repeatable",
  ]),
  // Whether the origin may have seen it.
  ["a POST that was never sent is sent elsewhere", unsent("connect"), post, "retry: connect"],
  ["one that timed out before it was sent too", unsent("timeout"), post, "retry: timeout"],
  ["one that may have arrived is not", maybeSent("connect"), post, "not-repeatable"],
  ["nor one that may be under way", maybeSent("timeout"), post, "not-repeatable"],
  ["an Idempotency-Key vouches for a POST", status(503), { ...post, idempotencyKey: true }, "retry: 503"],
  ["also for one under way", maybeSent("timeout"), { ...post, idempotencyKey: true }, "retry: timeout"],
  // The application vouches.
  ["an application that takes a POST twice gets it", status(503), { ...post, rules: twice }, "retry: 503"],
  ["also one that may have arrived", maybeSent("connect"), { ...post, rules: twice }, "retry: connect"],
  ["also one that may be under way", maybeSent("timeout"), { ...post, rules: twice }, "retry: timeout"],
  ["but not for an answer", status(500), { ...post, rules: twice }, "answered"],
  [
    "nor for a cause that `on` does not name",
    status(503),
    { ...post, rules: { ...twice, on: ["connect"] } },
    "answered",
  ],
  ["nor once too often", status(503), { ...post, attempts: 3, rules: twice }, "no-attempts-left"],
  ["nor too late", status(503), { ...post, remainingMs: 49, rules: twice }, "no-time-left"],
  [
    "nor without its body",
    maybeSent("connect"),
    { ...post, replayable: false, rules: twice },
    "not-repeatable",
  ],
  // The body.
  [
    "a body that cannot be sent again ends it, for a PUT",
    status(503),
    { ...get, method: "PUT", replayable: false },
    "not-repeatable",
  ],
  ["also if it was never sent", unsent("connect"), { ...post, replayable: false }, "not-repeatable"],
  ["and with a key", status(503), { ...post, idempotencyKey: true, replayable: false }, "not-repeatable"],
];

function decided(result: AttemptResult, facts: RetryFacts): string {
  const decision = decide(result, facts);
  return decision.kind === "retry" ? `retry: ${decision.cause}` : decision.why;
}

test.each(table)("%s", (_, result, facts, expected) => {
  expect(decided(result, facts)).toBe(expected);
});

describe("over every combination of facts", () => {
  const results = [
    ...[200, 500, 502, 503, 504].map(status),
    ...(["connect", "timeout"] as const).flatMap((cause) => [unsent(cause), maybeSent(cause)]),
    givenUp,
  ];
  const combinations = ["GET", "PUT", "POST", "PATCH"].flatMap((method) =>
    [true, false].flatMap((idempotencyKey) =>
      [true, false].flatMap((replayable) =>
        [1, 2, 3].flatMap((attempts) =>
          [0, 49, 50, 5_000].flatMap((remainingMs) =>
            [retryCauses, ["503"] as const, []].flatMap((on) =>
              [true, false].map((nonIdempotent): RetryFacts => ({
                method,
                idempotencyKey,
                replayable,
                attempts,
                remainingMs,
                rules: { ...rules, on, nonIdempotent },
              })),
            ),
          ),
        ),
      ),
    ),
  );
  const retried = results.flatMap((result) =>
    combinations
      .filter((facts) => decide(result, facts).kind === "retry")
      .map((facts) => ({ result, facts })),
  );

  test("some are retried", () => {
    expect(retried.length).toBeGreaterThan(100);
  });

  test("a request that nobody calls safe to repeat and that may have arrived is never sent twice", () => {
    const unsafe = retried.filter(
      ({ result, facts }) =>
        !["GET", "PUT"].includes(facts.method) &&
        !facts.idempotencyKey &&
        !facts.rules.nonIdempotent &&
        !(result.kind === "failed" && result.sent === "no"),
    );
    expect(unsafe).toEqual([]);
  });

  test("nothing is sent a second time without its body, its time, its turn or its rule", () => {
    const wrong = retried.filter(
      ({ facts }) =>
        !facts.replayable || facts.remainingMs < 50 || facts.attempts > 2 || facts.rules.on.length === 0,
    );
    expect(wrong).toEqual([]);
  });
});

test("a request goes again in its slot unless there are no retries, or its pool counts what is spent", () => {
  const cloud = { name: "cloud", origins: [], budget: { requestsPerHour: 9, whenUsedUp: "fail" } } as const;
  const pools = [{ name: "home", origins: [] }, cloud];
  expect(mayResend("home", { pools, retries: { budget: 0.2 } })).toBe(true);
  expect(mayResend("home", { pools, retries: { budget: 0 } })).toBe(false);
  expect(mayResend("cloud", { pools, retries: { budget: 0.2 } })).toBe(false);
});
