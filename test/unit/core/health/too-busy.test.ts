/** A server whose workers are all at work answers no probe in time, and is not taken for ill. */
import { describe, expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import type { ProbeResult } from "../../../../core/protocol/probe-round.ts";
import { OneHolder } from "../../../support/one-holder.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const now = 1_000_000;
const headersMs = 15_000;
const late: ProbeResult = { origin: "a", good: false, isLate: true, evidence: "timeout: no answer in time" };
const refused: ProbeResult = { origin: "a", good: false, evidence: "refused: no connection" };

/** The object of a shop whose home has two slots, and an isolate that has just had an answer from there. */
function open(maxConns?: number) {
  const home = pool("home", [origin("a", maxConns === undefined ? {} : { maxConns })]);
  const timeouts = { ...upstream({ pools: [home] }).timeouts, headersMs };
  const shop = upstream({ pools: [home], timeouts });
  const object = new Coordinator(shop, nothingSaved, now);
  const isolate = new OneHolder(object);
  isolate.report(now, [{ origin: "a", ok: true, headerMs: 10 }]);
  const probes = (result: ProbeResult, ...times: number[]): boolean => {
    for (const atMs of times) object.probed([result], atMs);
    return object.statusOf("a").healthy;
  };
  return { isolate, probes };
}

describe("an origin with all its slots in use", () => {
  test("is healthy, however many probes have waited in vain, while its last answer is not older than a request may wait", () => {
    const { isolate, probes } = open(2);
    isolate.ask(now);
    isolate.ask(now);
    expect(probes(late, now + 5_000, now + 10_000, now + headersMs)).toBe(true);
  });

  test("is found out when it answers no request for longer than that", () => {
    const { isolate, probes } = open(2);
    isolate.ask(now);
    isolate.ask(now);
    expect(probes(late, now + headersMs, now + headersMs + 1, now + headersMs + 2)).toBe(true);
    expect(probes(late, now + headersMs + 3)).toBe(false);
  });

  test("is unhealthy when connections are refused, as that takes no worker", () => {
    const { isolate, probes } = open(2);
    isolate.ask(now);
    isolate.ask(now);
    expect(probes(refused, now + 1, now + 2, now + 3)).toBe(false);
  });
});

test.each([2, undefined])("an origin with a free slot of %s owes its probes an answer", (maxConns) => {
  const { isolate, probes } = open(maxConns);
  isolate.ask(now);
  expect(probes(late, now + 1, now + 2, now + 3)).toBe(false);
});

test("a probe that was answered counts also where every slot is in use", () => {
  const { isolate, probes } = open(1);
  expect(probes(refused, now + 1, now + 2, now + 3)).toBe(false);
  isolate.ask(now + 4);
  expect(probes({ origin: "a", good: true, evidence: "200" }, now + 5, now + 6)).toBe(true);
});
