/** What counts against an origin, what for it, and what says nothing of it. */
import { describe, expect, test } from "vitest";

import { retryCauses } from "../../../../core/model/upstream.ts";
import {
  judgeEnd,
  judgeFailure,
  judgeStatus,
  type EndedAnswer,
  type FailureKind,
} from "../../../../core/health/judgement.ts";

const rules = { retries: { on: retryCauses } };

describe("an attempt without an answer", () => {
  test.each<FailureKind>(["refused", "dns", "tls", "unreachable"])(
    "by %s counts as a lost connection, which no client can bring about",
    (kind) => {
      expect(judgeFailure(kind, true)).toEqual({ ok: false, lost: true, certain: true, detail: kind });
    },
  );

  test("by reset counts as a lost connection; a server may hang up on what one client asks for", () => {
    expect(judgeFailure("reset", true)).toEqual({ ok: false, lost: true, detail: "reset" });
  });

  test.each<FailureKind>(["timeout", "rejected", "misconfigured", "aborted"])(
    "by %s counts, but not as a lost connection",
    (kind) => {
      expect(judgeFailure(kind, true)).toEqual({ ok: false, detail: kind });
    },
  );

  test("of a request that cannot be sent says nothing of its origin", () => {
    expect(judgeFailure("unsendable", true)).toBeUndefined();
  });

  test("whose body was cut short by the origin says that it was too long, and no more", () => {
    expect(judgeFailure("reset", false)).toBeUndefined();
    expect(judgeFailure("timeout", false)).toEqual({ ok: false, detail: "timeout" });
  });
});

test.each([200, 304, 404, 499, 501, 505, 507])("status %i is not held against an origin", (status) => {
  expect(judgeStatus(status, rules)).toBeUndefined();
});

test.each([500, 502, 503, 504, 521, 599])("status %i is", (status) => {
  expect(judgeStatus(status, rules)).toEqual({ ok: false, detail: String(status) });
});

describe("an answer that is over", () => {
  const answer = (parts: Partial<EndedAnswer>): EndedAnswer => ({
    end: "complete",
    status: 200,
    headerMs: 20,
    endMs: 50,
    streamedUp: false,
    headersTimeoutMs: 1_000,
    rules,
    ...parts,
  });

  test("is good, with the times that it took", () => {
    expect(judgeEnd(answer({}))).toEqual({ ok: true, headerMs: 20, lastByteMs: 50 });
    expect(judgeEnd(answer({ endMs: 20 }))).toEqual({ ok: true, headerMs: 20 });
  });

  test("has no times if the client's upload is in them", () => {
    expect(judgeEnd(answer({ streamedUp: true }))).toEqual({ ok: true });
  });

  test("was cut by its origin if the cut comes early, and says nothing if it comes late", () => {
    expect(judgeEnd(answer({ end: "cut-by-origin", endMs: 999 }))).toEqual({ ok: false, detail: "cut" });
    expect(judgeEnd(answer({ end: "cut-by-origin", endMs: 1_000 }))).toBeUndefined();
  });

  test.each<Partial<EndedAnswer>>([
    { end: "client-gone" },
    { status: 503 },
    { status: 507 },
    { status: 404, rules: { retries: { on: ["404"] } } },
    { status: 101 },
    { status: 101, end: "cut-by-origin" },
  ])("says nothing, or nothing new, if it is %o", (parts) => {
    expect(judgeEnd(answer(parts))).toBeUndefined();
  });
});
