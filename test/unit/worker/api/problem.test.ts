/** The shape in which the API says what is wrong. */
import { expect, test } from "vitest";

import { problem } from "../../../../worker/api/problem.ts";

test("a problem is JSON with its status, code and message, and no cache keeps it", async () => {
  const response = problem(404, "not-found", "There is nothing here.");
  expect(response.status).toBe(404);
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  expect(response.headers.get("Content-Type")).toMatch(/^application\/json/);
  expect(await response.json()).toEqual({
    error: { status: 404, code: "not-found", message: "There is nothing here." },
  });
});

test("the issues of a config are told in their three texts, and nothing else that they carry", async () => {
  const texts = { path: "routes", found: "[]", expected: "a list of 1 to 10000 routes" };
  const issue = { ...texts, place: ["routes"], isKey: true } as const;
  expect(await problem(500, "config-refused", "It was refused.", [issue]).json()).toHaveProperty(
    "error.issues",
    [texts],
  );
});
