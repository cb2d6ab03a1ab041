/** The memory for bodies that may be sent again: bounded whatever happens, and never lost for good. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { ReplayMemory, type Kept } from "../../../../../worker/proxy/request/replay-memory.ts";

test("never more is out than there is, and all that came back can be taken again", () => {
  const step = fc.oneof(
    fc.record({ take: fc.integer({ min: 0, max: 60 }) }),
    fc.record({ giveBack: fc.nat(20) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const memory = new ReplayMemory(100);
      const out: Kept[] = [];
      for (const step of steps) {
        if ("take" in step) {
          const kept = memory.takeBytes(step.take, 0);
          const bytes = out.reduce((sum, { bytes }) => sum + bytes, 0);
          expect(kept === undefined).toBe(bytes + step.take > 100);
          if (kept) out.push(kept);
        } else {
          const [kept] = out.splice(step.giveBack % Math.max(1, out.length), 1);
          if (kept) memory.giveBack(kept);
          if (kept) memory.giveBack(kept);
        }
      }
      for (const kept of out) memory.giveBack(kept);
      expect(memory.takeBytes(100, 0)).toBeDefined();
    }),
  );
});

test("what a request that was killed never gave back comes back with time", () => {
  const memory = new ReplayMemory(100);
  expect(memory.takeBytes(100, 0)).toBeDefined();
  expect(memory.takeBytes(1, 599_999)).toBeUndefined();
  expect(memory.takeBytes(100, 600_000)).toBeDefined();
});
