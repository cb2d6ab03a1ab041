/** Which of the headers by which origins say how they are is believed. */
import { describe, expect, test } from "vitest";

import { createReportReader } from "../../../../../worker/proxy/response/load-report.ts";
import { reportSecret as secret, signReport } from "../../../../support/sign-report.ts";

const nowMs = 1_763_750_000_000;
const said = "util=0.83; drain; t=1763750000";
const report = { utilisation: 0.83, drain: true, atMs: nowMs };
const refused = { refusedReport: true };
const good = await signReport(said, "a");
const ofAnother = await signReport(said, "b");
const withAnotherKey = await signReport(said, "a", "x".repeat(32));
const noReport = await signReport("hello", "a");
const tooLong = await signReport(`${said}; ${"x".repeat(10_000)}`, "a");

async function read(value: string | undefined, origin = "a", now = nowMs) {
  const reader = await createReportReader({ secret, maxAgeMs: 10_000 });
  return reader.read(origin, new Headers(value === undefined ? {} : { "X-Weir-Load": value }), now);
}

describe("a signed report", () => {
  test("is believed from its own origin, for as long as it is fresh", async () => {
    expect(await read(good)).toEqual({ report });
    expect(await read(good, "a", nowMs + 10_000)).toEqual({ report });
    expect(await read(good, "a", nowMs - 10_000)).toEqual({ report });
  });

  test("is refused when it is stale or from the future, though its signature was good before", async () => {
    const reader = await createReportReader({ secret, maxAgeMs: 10_000 });
    const headers = new Headers({ "X-Weir-Load": good });
    expect(await reader.read("a", headers, nowMs)).toEqual({ report });
    expect(await reader.read("a", headers, nowMs + 10_001)).toEqual(refused);
    expect(await reader.read("a", headers, nowMs - 10_001)).toEqual(refused);
  });

  test.each([
    ["of another origin", ofAnother],
    ["with another key", withAnotherKey],
    ["changed afterwards", good.replace("0.83", "0.10")],
    ["without a signature", said],
    ["with a cut signature", good.slice(0, -1)],
    ["twice in one response", `${good}, ${good}`],
    ["that is no report", noReport],
    ["that is empty", ""],
    ["that is far too long", tooLong],
  ])("%s is refused", async (_, value) => {
    expect(await read(value)).toEqual(refused);
  });
});

test("no header is no report, and none refused", async () => {
  expect(await read(undefined)).toEqual({});
});
