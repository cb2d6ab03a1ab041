/** What all guards of a route have in common: a reason in the log, none for the client, and nothing passes a guard that fails. */
import { expect, test } from "vitest";

import { guard, type Guard } from "../../../../../worker/proxy/filters/guard.ts";
import { inNode, logged, ProxiedSite, shop } from "../proxied-site.ts";

inNode();

async function through(judge: Guard["judge"]): Promise<{ status: number; body: string }> {
  const { routes } = await ProxiedSite.open(shop()).then(({ active }) => active);
  const route = routes[0] ?? expect.unreachable();
  return (await ProxiedSite.open(shop(), { filters: [guard("access", route, { judge })] })).get("/");
}

const forbidden = { why: "denied", error: { kind: "forbidden" } } as const;

test.each([
  ["at once", () => forbidden],
  ["later", () => Promise.resolve(forbidden)],
])(
  "a refusal %s is in the log with its reason, and the client gets no more than its status",
  async (_, judge) => {
    const { status, body } = await through(judge);
    expect(status).toBe(403);
    expect(body).not.toContain("denied");
    expect(logged("request")).toMatchObject([
      { status: 403, filter: "access", failure: "forbidden", denied: "denied", attempts: 0 },
    ]);
  },
);

test.each([
  ["is content", () => undefined, 200],
  ["is content later", () => Promise.resolve(undefined), 200],
  ["throws", () => expect.unreachable("broken on purpose"), 500],
  ["throws later", () => Promise.reject(new Error("broken on purpose")), 500],
])("where a guard %s the request gets on, or an error", async (_, judge, expected) => {
  expect((await through(judge)).status).toBe(expected);
  expect(logged("request")[0]).not.toHaveProperty("denied");
});
