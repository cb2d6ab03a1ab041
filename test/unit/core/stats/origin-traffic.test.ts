/** What an origin has answered, as people see it. */
import { expect, test } from "vitest";

import { OriginTraffic } from "../../../../core/stats/origin-traffic.ts";

test("counts good answers and failures apart, and takes times from good answers alone", () => {
  const traffic = new OriginTraffic();
  traffic.add({ origin: "a", ok: true, headerMs: [100] });
  traffic.add({ origin: "a", ok: false, detail: "reset" });
  traffic.add({ origin: "b", ok: true });
  expect(traffic.viewOf("a")).toMatchObject({ answered: 1, failed: 1 });
  expect(traffic.viewOf("a").headerMs?.p99).toBeCloseTo(100, -1);
  expect(traffic.viewOf("b")).toEqual({ answered: 1, failed: 0, headerMs: null });
});

test("of a long run each time that travelled stands for several", () => {
  const traffic = new OriginTraffic();
  traffic.add({ origin: "a", ok: true, count: 900, headerMs: [10, 10, 10] });
  traffic.add({ origin: "a", ok: true, count: 2, headerMs: [1_000, 1_000] });
  const { answered, headerMs } = traffic.viewOf("a");
  expect(answered).toBe(902);
  expect(headerMs?.p99).toBeCloseTo(10, 0);
});
