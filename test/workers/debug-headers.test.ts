/** What a response says of how it came about, where its route wants that. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import worker from "../../worker/index.ts";

async function answer(url: string): Promise<Response> {
  const ctx = createExecutionContext();
  const response = await worker.fetch(new Request(url), env, ctx);
  await response.text();
  await waitOnExecutionContext(ctx);
  return response;
}

/** `X-Weir-` headers, by the rest of their names. */
function told({ headers }: Response): Record<string, string> {
  const told = [...headers].filter(([name]) => name.startsWith("x-weir-"));
  return Object.fromEntries(told.map(([name, value]) => [name.slice("x-weir-".length), value]));
}

test("a route with `debug` tells mode, pool, origin and attempts, whatever the origin says", async () => {
  const response = await answer("http://debug.test/");
  const origin = response.headers.get("X-Origin");
  expect(["a", "b"]).toContain(origin);
  expect(told(response)).toEqual({ mode: "strict", pool: "home", origin, attempts: "1" });
});

test("any other tells nothing, neither of ours nor of the origin's", async () => {
  const response = await answer("http://shop.test/");
  expect(response.status).toBe(200);
  expect(told(response)).toEqual({});
});
