/** Origins that say how they are: the fleet goes by it from the first response on. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import worker from "../../worker/index.ts";
import { signReport } from "../support/sign-report.ts";

/** The origin that answered, to whom it was told what to say of itself. */
async function answeredBy(said: Record<string, string> = {}): Promise<string> {
  const ctx = createExecutionContext();
  const url = `http://telling.test/?${new URLSearchParams(said).toString()}`;
  const response = await worker.fetch(new Request(url), env, ctx);
  const origin = await response.text();
  await waitOnExecutionContext(ctx);
  expect([response.status, response.headers.get("X-Weir-Load")]).toEqual([200, null]);
  return origin;
}

async function origins(count: number, said?: Record<string, string>): Promise<Set<string>> {
  const answered = new Set<string>();
  for (let nth = 0; nth < count; nth++) answered.add(await answeredBy(said));
  return answered;
}

test("one signed response drains its origin; a forged one does nothing, and neither reaches a client", async () => {
  const t = Math.floor(Date.now() / 1_000);
  const drain = `drain; t=${t}`;
  const forged = { a: await signReport(drain, "b"), b: `${drain}; sig=${"A".repeat(43)}` };
  expect(await origins(6, forged)).toEqual(new Set(["a", "b"]));
  const genuine = { a: await signReport(drain, "a") };
  let origin = await answeredBy(genuine);
  while (origin !== "a") origin = await answeredBy(genuine);
  expect(await origins(10)).toEqual(new Set(["b"]));
});
