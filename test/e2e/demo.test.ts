/** `weir demo` keeps every promise it makes, end to end. That it finds out broken ones: test/unit/cli/promises.test.ts. */
import { expect, it } from "vitest";
import { runWeir } from "../support/weir-command.ts";

it("the demo keeps all its promises and leaves with 0", async () => {
  const demo = runWeir(["demo", "--json"]);
  const code = await demo.ended;
  const { kept, promises, figures, phases } = JSON.parse(demo.stdout());
  expect(promises.filter((promise: { kept: boolean }) => !promise.kept)).toEqual([]);
  expect(promises).toHaveLength(13);
  expect(figures).toHaveLength(2);
  expect(phases).toHaveLength(11);
  expect({ kept, code }).toEqual({ kept: true, code: 0 });
});
