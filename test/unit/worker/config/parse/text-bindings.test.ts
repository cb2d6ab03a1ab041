/** What `${ENV:NAME}` may stand for. */
import { expect, test } from "vitest";
import { textBindings } from "../../../../../worker/config/parse/text-bindings.ts";

test("a name stands for a variable or a secret, and for no other binding and nothing that every object has", () => {
  const lookup = textBindings({ KEY: "s3cret", EMPTY: "", PROBER: { getByName: () => "no" }, COUNT: 1 });
  expect(["KEY", "EMPTY"].map(lookup)).toEqual(["s3cret", ""]);
  for (const name of ["PROBER", "COUNT", "NONE", "toString", "__proto__"]) {
    expect(lookup(name)).toBeUndefined();
  }
});
