/** Claims to be an operator, or an origin of a pool, that are refused by the shipped bundle: slowed, logged, and never with what was claimed. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { registerSecret } from "../support/sign-message.ts";
import { adminToken, eventually, startStack, type Stack } from "../support/stack.ts";

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({
    origins: { home: ["a"] },
    spec: { workers: 8 },
    config: (urlOf) => ({
      target: "workerd",
      forwarding: { trusted: ["127.0.0.1"] },
      upstreams: {
        site: {
          pools: [
            { name: "home", origins: [{ name: "a", url: urlOf("a") }] },
            {
              name: "cloud",
              origins: [],
              register: { secret: registerSecret, urls: ["http://127.0.0.1:*"] },
            },
          ],
          health: false,
        },
      },
      routes: [{ upstream: "site" }],
    }),
  });
});

afterAll(() => stack.stop());

/** By a client with this address, as the proxy in front says. */
async function ask(token: string, client: string): Promise<number> {
  const headers = { Authorization: `Bearer ${token}`, "X-Forwarded-For": client };
  const response = await fetch(`${stack.url}/_weir/api/v1/upstreams`, { headers });
  await response.body?.cancel();
  return response.status;
}

const linesOf = (client: string) =>
  stack.events.filter((event) => event.event === "access-denied" && event["client"] === client);

test("guesses on many connections at once: most are not looked at, and the log has few lines; the operator is served meanwhile", async () => {
  const guesses = Promise.all(
    Array.from({ length: 120 }, (_, nth) => ask(`guess-${nth}-of-the-token`, "192.0.2.1")),
  );
  await eventually("they are on their way", () => linesOf("192.0.2.1").length > 0);
  expect(await ask(adminToken, "192.0.2.2")).toBe(200);
  const statuses = await guesses;
  expect(new Set(statuses)).toEqual(new Set([403, 429]));
  expect(statuses.filter((status) => status === 403).length).toBeLessThan(60);
  await eventually("all are counted", () => linesOf("192.0.2.1").length >= 3);
  expect(linesOf("192.0.2.1").map(({ count }) => count)).toEqual([1, 10, 100]);
  expect(JSON.stringify(linesOf("192.0.2.1"))).not.toContain("guess-");
});

test("a caller that presents nothing, and a registration without a good signature, have their lines, too", async () => {
  const headers = { "X-Forwarded-For": "192.0.2.3" };
  const api = `${stack.url}/_weir/api/v1`;
  expect((await fetch(`${api}/upstreams`, { headers })).status).toBe(403);
  const signed = { "X-Weir-Timestamp": "1", "X-Weir-Signature": `sha256=${"0".repeat(64)}` };
  const register = { method: "POST", headers: { "X-Forwarded-For": "2001:db8::1", ...signed }, body: "{}" };
  expect((await fetch(`${api}/pools/cloud/register`, register)).status).toBe(403);
  const whys = () =>
    ["192.0.2.3", "2001:db8:0:0::/64"].map((client) =>
      linesOf(client).map(({ wanted, why }) => [wanted, why]),
    );
  await eventually("both are logged", () => whys().every((lines) => lines.length > 0));
  expect(whys()).toEqual([[["api", "no-token"]], [["registration", "bad-signature"]]]);
});
