/** How urgent a request is. */
import { expect, test } from "vitest";

import { requestPriority } from "../../../../../worker/proxy/request/priority.ts";

const none = { headers: new Headers() };

test("a route's requests have its priority, or else that of the queue, or else a normal one", () => {
  expect(requestPriority({ priority: "high" }, none, "low")).toBe("high");
  expect(requestPriority({}, none, "low")).toBe("low");
  expect(requestPriority({}, none)).toBe("normal");
});

test.each([
  ["high", "high"],
  ["low", "low"],
  ["HIGH", "normal"],
  ["high, low", "normal"],
  ["", "normal"],
])("a header that says %j makes it %s", (claimed, priority) => {
  const headers = new Headers({ "X-Priority": claimed });
  expect(requestPriority({ priority: { header: "x-priority" } }, { headers }, "low")).toBe(priority);
});

test("a request without the header is a normal one, whatever the queue says", () => {
  expect(requestPriority({ priority: { header: "x-priority" } }, none, "low")).toBe("normal");
});
