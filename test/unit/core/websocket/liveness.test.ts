/** When an end is pinged, and when it is given up. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { Liveness } from "../../../../core/websocket/liveness.ts";

const silenceMs = 60_000;

test("an end that has been silent for a minute is pinged once, and is gone when it has been silent for another", () => {
  const life = new Liveness(1_000, silenceMs);
  expect(life.look(1_000 + silenceMs - 1)).toBe("fine");
  expect(life.nextMs()).toBe(1_000 + silenceMs);
  expect(life.look(1_000 + silenceMs)).toBe("ping");
  expect(life.look(1_000 + silenceMs + 1)).toBe("fine");
  expect(life.nextMs()).toBe(1_000 + 2 * silenceMs);
  expect(life.look(1_000 + 2 * silenceMs)).toBe("gone");
});

test("any sign of life begins anew", () => {
  const life = new Liveness(0, silenceMs);
  expect(life.look(silenceMs)).toBe("ping");
  life.sign(silenceMs + 1);
  expect(life.look(2 * silenceMs)).toBe("fine");
  expect(life.look(2 * silenceMs + 1)).toBe("ping");
});

test("an end that answers every ping in time is never gone, whenever it is looked at", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10 * silenceMs), { maxLength: 30 }), (pauses) => {
      const life = new Liveness(0, silenceMs);
      let now = 0;
      for (const pause of pauses) {
        now += pause;
        const verdict = life.look(now);
        expect(verdict).not.toBe("gone");
        if (verdict === "ping") life.sign((now += silenceMs - 1));
      }
    }),
  );
});
