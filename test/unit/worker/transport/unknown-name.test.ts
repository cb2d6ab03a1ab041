/** A name that cannot be resolved has a name of its own, though `connect` says of it what it says of a closed port. */
import { afterEach, expect, test, vi } from "vitest";

import { withUnknownName } from "../../../../worker/transport/unknown-name.ts";

const refused = { kind: "refused", sent: "no", detail: "no connection" } as const;
const named = { url: "http://app.internal:8080/x", via: "fetch" } as const;

afterEach(() => void vi.unstubAllGlobals());

function fetchThat(answers: () => Promise<Response>): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (url: string) => {
    asked.push(url);
    return answers();
  });
  return asked;
}

const rejecting = (message: string) => () => Promise.reject(new Error(message));

test("an unknown name is dns, and the origin's own port is not asked", async () => {
  const asked = fetchThat(rejecting("internal error; reference = abc123"));
  expect(await withUnknownName(refused, named, "workerd")).toEqual({
    kind: "dns",
    sent: "no",
    detail: "unknown name",
  });
  expect(asked).toEqual(["http://app.internal:1/"]);
});

test.each([
  ["refused", rejecting("Network connection lost.")],
  ["slow", () => Promise.reject(new DOMException("late", "TimeoutError"))],
  ["open", () => Promise.resolve(new Response())],
])("where the unused port is %s, the name exists or may exist: the failure stands", async (_, answers) => {
  fetchThat(answers);
  expect(await withUnknownName(refused, named, "workerd")).toBe(refused);
});

test.each([
  [refused, { ...named, url: "http://127.0.0.1:8080" }, "workerd"],
  [refused, { ...named, url: "http://[::1]:8080" }, "workerd"],
  [refused, { ...named, via: { binding: "VPC" } }, "workerd"],
  [refused, named, "edge"],
  [{ kind: "timeout", sent: "maybe", detail: "late" }, named, "workerd"],
] as const)("%j of %j on %s stands, and nothing is asked", async (failure, origin, platform) => {
  const asked = fetchThat(rejecting("internal error; reference = abc123"));
  expect(await withUnknownName(failure, origin, platform)).toBe(failure);
  expect(asked).toEqual([]);
});
