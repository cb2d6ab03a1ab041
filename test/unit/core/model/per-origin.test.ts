/** A value for each origin: the same as in a map, in whatever order it is asked for. */
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { PerOrigin } from "../../../../core/model/per-origin.ts";

test("an origin has one value, made when it is first asked for, until it is not among those kept", () => {
  const names = fc.constantFrom("a", "b", "c", "d", "e");
  const steps = fc.array(fc.oneof(names, fc.uniqueArray(names)));
  fc.assert(
    fc.property(steps, (list) => {
      let made = 0;
      const values = new PerOrigin((name) => ({ name, made: ++made }));
      const expected = new Map<string, { name: string; made: number }>();
      for (const step of list) {
        if (typeof step === "string") {
          const value = values.of(step);
          expect(value.name).toBe(step);
          expect(expected.get(step) ?? value).toBe(value);
          expected.set(step, value);
        } else {
          values.keep(step.map((name) => ({ name })));
          for (const name of expected.keys()) if (!step.some((one) => one === name)) expected.delete(name);
          for (const value of values.all()) expected.set(value.name, value);
        }
        expect(new Set(values.all())).toEqual(new Set(expected.values()));
      }
    }),
  );
});
