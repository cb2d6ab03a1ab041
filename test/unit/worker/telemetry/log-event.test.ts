/** A line of the log: one JSON object, its time first. */
import fc from "fast-check";
import { expect, it, onTestFinished, vi } from "vitest";
import { logEvent, logTime } from "../../../../worker/telemetry/log-event.ts";

it("the time is RFC 3339 to the millisecond, whatever time was written before", () => {
  const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: lastMs })),
      fc.integer({ min: 0, max: 3_000 }),
      (times, step) => {
        for (const ms of times.flatMap((ms) => [ms, Math.min(ms + step, lastMs)]))
          expect(logTime(ms)).toBe(new Date(ms).toISOString());
      },
    ),
  );
});

it("the line has the event's fields after its time, and none that is undefined", () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  logEvent(
    { event: "health", upstream: "shop", origin: 'a "b"', to: "healthy", evidence: "200", hint: undefined },
    Date.UTC(2026, 10, 29, 12, 0, 1, 7),
  );
  expect(log).toHaveBeenCalledExactlyOnceWith(
    String.raw`{"time":"2026-11-29T12:00:01.007Z","event":"health","upstream":"shop","origin":"a \"b\"","to":"healthy","evidence":"200"}`,
  );
});
