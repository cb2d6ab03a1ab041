/** The line of a request: one, with what is known, and nothing of what is not. */
import { expect, test, vi } from "vitest";

import { logRequest, requestEvent } from "../../../../worker/telemetry/access-log.ts";

test("has the time of the request's end, how long it took, and no field that is not known", () => {
  const log = vi.spyOn(console, "log").mockReturnValue();
  const known = { requestId: "r", method: "GET", host: "h", path: "/", startedMs: 1_764_000_000_000 };
  const event = requestEvent(known);
  event.status = 200;
  event.route = "shop";
  event.finished = "answered";
  logRequest(event, 1_764_000_000_250);
  expect(log).toHaveBeenCalledTimes(1);
  expect(JSON.parse(String(log.mock.calls[0]?.[0]))).toEqual({
    time: "2025-11-24T16:00:00.250Z",
    event: "request",
    requestId: "r",
    method: "GET",
    host: "h",
    path: "/",
    attempts: 0,
    route: "shop",
    status: 200,
    finished: "answered",
    durationMs: 250,
  });
  log.mockRestore();
});

test("has its fields in one order, whenever they became known", () => {
  const known = { requestId: "r", method: "GET", host: "h", path: "/", startedMs: 0 };
  const late = Object.assign(requestEvent(known), { upstream: "u", status: 1 });
  const early = Object.assign(requestEvent(known), { status: 1, upstream: "u" });
  expect(JSON.stringify(late)).toBe(JSON.stringify(early));
});
