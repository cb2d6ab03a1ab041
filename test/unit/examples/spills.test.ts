/** Which requests the crowd says left home without need. */
import { expect, test } from "vitest";

import {
  failuresIn,
  needlessSpills,
  reasonsOf,
  requestsIn,
  type LoggedRequest,
} from "../../../examples/django-uwsgi/crowd/spills.ts";

const startMs = Date.parse("2026-01-01T00:00:00.000Z");

/** A request's line; times in ms since the log's beginning. */
function line(fromMs: number, toMs: number, more: Partial<LoggedRequest> = {}): LoggedRequest {
  const time = new Date(startMs + toMs).toISOString();
  return { time, durationMs: toMs - fromMs, pool: "home", ...more };
}
const toCloud = { pool: "cloud", spill: "peak" };

test("a request that left while every slot of home was in use had need to", () => {
  const full = [line(0, 500), line(100, 400)];
  expect(needlessSpills([...full, line(200, 220, toCloud)], 2)).toBe(0);
  expect(needlessSpills([...full, line(200, 220, toCloud)], 3)).toBe(1);
});

test("requests that were open one after the other do not fill two slots", () => {
  const inTurn = [line(0, 150), line(250, 400)];
  expect(needlessSpills([...inTurn, line(200, 600, toCloud)], 2)).toBe(1);
});

test("a request that waited had need to if home was full at any instant of the wait", () => {
  const full = [line(300, 500), line(300, 500)];
  expect(needlessSpills([...full, line(100, 900, { ...toCloud, queuedMs: 250 })], 2)).toBe(0);
  expect(needlessSpills([...full, line(100, 900, { ...toCloud, queuedMs: 50 })], 2)).toBe(1);
});

test("requests that follow a session had need to if one that began a session had", () => {
  const followed = line(700, 720, { pool: "cloud", spill: "policy" });
  const full = [line(0, 500), line(0, 500)];
  expect(needlessSpills([...full, line(200, 220, toCloud), followed], 2)).toBe(0);
  expect(needlessSpills([...full, followed], 2)).toBe(1);
});

test("the log's requests are read, whatever else is in it, and their reasons counted", () => {
  const text = [
    '{"time":"2026-01-01T00:00:01.000Z","event":"origin-healthy","origin":"a"}',
    '{"time":"2026-01-01T00:00:01.000Z","event":"request","pool":"cloud","spill":"peak","durationMs":3}',
    '{"time":"2026-01-01T00:00:01.000Z","event":"request","pool":"home","durationMs":3}',
    "",
  ].join("\n");
  expect(requestsIn(text)).toHaveLength(2);
  expect(reasonsOf(requestsIn(text))).toEqual({ peak: 1 });
});

test("what the front says of its own failures is shown, and nothing of the site's", () => {
  const mine = line(0, 30, { status: 502, failure: "reset", origin: "p1", attempts: 1, queuedMs: 4 });
  const [text, ...others] = failuresIn([line(0, 5, { status: 200 }), line(0, 5, { status: 500 }), mine]);
  expect(text).toContain("502 reset by p1, attempt 1, after 30 ms, of which 4 ms in the queue");
  expect(others).toEqual([]);
});
