/** Which short bodies are read whole: some of all, and all of an origin whose bodies have been late. */
import { expect, test, vi } from "vitest";

import { LateBodies } from "../../../../../worker/proxy/response/late-bodies.ts";
import type { OriginConfig } from "../../../../../worker/config/sections/origin.ts";

const origin = (name: string): OriginConfig => ({
  name,
  url: `http://${name}.test`,
  weight: 1,
  backup: false,
  via: "fetch",
  connection: "auto",
});
const [slow, quick] = [origin("slow"), origin("quick")];
const tenMinutes = 600_000;

const readOf = (bodies: LateBodies, one: OriginConfig, now: number) =>
  Array.from({ length: 80 }, () => bodies.isToBeRead(() => one, now)).filter(Boolean).length;

test("one in eight is read while none was late, and its origin is not asked for", () => {
  const bodies = new LateBodies();
  const originOf = vi.fn(() => quick);
  const read = Array.from({ length: 80 }, () => bodies.isToBeRead(originOf, 0));
  expect([read.filter(Boolean).length, originOf.mock.calls.length]).toEqual([10, 0]);
});

test("once one was late all of its origin's are, for ten minutes after the last that was, and others' as before", () => {
  const bodies = new LateBodies();
  bodies.late(slow, 0);
  expect([readOf(bodies, slow, 1), readOf(bodies, quick, 1)]).toEqual([80, 10]);
  bodies.late(slow, 1_000);
  expect(readOf(bodies, slow, tenMinutes + 999)).toBe(80);
  expect(readOf(bodies, slow, tenMinutes + 1_000)).toBe(10);
});

test("an origin that is suspected does not end when another one is", () => {
  const bodies = new LateBodies();
  bodies.late(slow, 0);
  bodies.late(quick, 5_000);
  expect(readOf(bodies, slow, tenMinutes - 1)).toBe(80);
  expect(readOf(bodies, slow, tenMinutes)).toBe(10);
  expect(readOf(bodies, quick, tenMinutes)).toBe(80);
});

test("an origin that has left the config meanwhile is no matter", () => {
  const bodies = new LateBodies();
  bodies.late(undefined, 0);
  expect(readOf(bodies, slow, 1)).toBe(10);
});
