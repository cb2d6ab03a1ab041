/** The space for bodies that are kept: bounded whatever happens, never lost for good, and shared fairly when it is short. */
import fc from "fast-check";
import { expect, test, vi } from "vitest";

import { BufferSpace, type SpacePart } from "../../../../core/buffering/buffer-space.ts";

const space = (bytes = 100): BufferSpace => new BufferSpace(bytes);

test("never more is out than there is, and all that came back can be taken again", () => {
  const step = fc.oneof(
    fc.record({
      client: fc.constantFrom("a", "b", "c"),
      take: fc.integer({ min: 1, max: 60 }),
      coming: fc.boolean(),
    }),
    fc.record({ grow: fc.nat(20), by: fc.integer({ min: 1, max: 60 }) }),
    fc.record({ giveBack: fc.nat(20) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const shared = space();
      const out = new Set<SpacePart>();
      const at = (index: number): SpacePart | undefined => [...out][index % Math.max(1, out.size)];
      for (const step of steps) {
        if ("take" in step) {
          const mine: { part?: SpacePart | undefined } = {};
          const giveWay = (): void => void (mine.part && out.delete(mine.part));
          mine.part = shared.open(step.client, step.take, 0, step.coming ? giveWay : undefined);
          if (mine.part) out.add(mine.part);
        } else if ("grow" in step) {
          const part = at(step.grow);
          if (part) shared.grow(part, step.by, 0);
        } else {
          const part = at(step.giveBack);
          if (part === undefined) continue;
          out.delete(part);
          shared.giveBack(part);
          shared.giveBack(part);
        }
        const bytes = [...out].reduce((sum, part) => sum + part.bytes, 0);
        expect(shared.bytes).toBe(bytes);
        expect(bytes).toBeLessThanOrEqual(100);
      }
      for (const part of out) shared.giveBack(part);
      expect(shared.open("z", 100, 0)).toBeDefined();
    }),
  );
});

test("what a request that was killed never gave back comes back with time", () => {
  const shared = space();
  expect(shared.open("a", 100, 0)).toBeDefined();
  expect(shared.open("a", 1, 599_999)).toBeUndefined();
  expect(shared.open("a", 100, 600_000)).toBeDefined();
});

test("while there is room one client may have all of it", () => {
  const shared = space();
  for (let part = 0; part < 100; part++) expect(shared.open("a", 1, 0)).toBeDefined();
});

test("when it is short, the client that has the most gives way, its oldest body first", () => {
  const shared = space();
  const first = vi.fn();
  const second = vi.fn();
  shared.open("greedy", 60, 0, first);
  shared.open("greedy", 40, 0, second);
  expect(shared.open("greedy", 1, 0)).toBeUndefined();
  const good = shared.open("good", 30, 0);
  expect(good).toBeDefined();
  expect(first).toHaveBeenCalledOnce();
  expect(second).not.toHaveBeenCalled();
  expect(good && shared.grow(good, 30, 0)).toBe(true);
});

test("no body gives way to a client that would then have more than its owner, nor one that has come in", () => {
  const shared = space();
  const giveWay = vi.fn();
  shared.open("a", 50, 0, giveWay);
  const whole = shared.open("b", 50, 0, giveWay);
  if (whole) shared.settle(whole);
  expect(shared.open("c", 51, 0)).toBeUndefined();
  expect(giveWay).not.toHaveBeenCalled();
  expect(shared.open("c", 49, 0)).toBeDefined();
  expect(shared.open("d", 40, 0)).toBeUndefined();
});

test("a part that has given way grows no more", () => {
  const shared = space();
  const part = shared.open("a", 100, 0, () => undefined);
  shared.open("b", 10, 0);
  expect(part && shared.grow(part, 1, 0)).toBe(false);
});

test("a thousand clients, and what each has taken, are forgotten with their bodies", () => {
  const shared = space(10_000);
  for (let round = 0; round < 3; round++) {
    const parts = Array.from({ length: 1_000 }, (_, client) => shared.open(`${round}-${client}`, 10, 0));
    for (const part of parts) if (part) shared.giveBack(part);
    expect(shared.bytes).toBe(0);
  }
});
