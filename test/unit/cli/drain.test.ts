/** Which orders `weir drain` gives, for an origin that sessions are bound to. */
import { createServer } from "node:http";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";

import { drain, type DrainOptions } from "../../../cli/operate/drain.ts";
import { listening } from "./listening.ts";

const states = { drain: "draining", down: "down", up: "up", undrain: "up" } as const;

/** Drains `a` of an upstream with sticky sessions, one of them bound to `a`. @returns the orders given, and what was said. */
async function drained(options: Partial<DrainOptions>) {
  const orders: (keyof typeof states)[] = [];
  const server = createServer((request, response) => {
    const order = request.url?.split("/").at(-1);
    if (request.method === "POST" && order !== undefined && order in states)
      orders.push(order as keyof typeof states);
    const operator = states[orders.at(-1) ?? "up"];
    const waitingFor = operator === "draining" ? [{ why: "sessions", untilMs: 0 }] : [];
    const view = {
      name: "a",
      operator,
      waitingFor,
      sessions: 1,
      stillOpen: 0,
      safeToStop: operator === "down",
    };
    response.end(
      JSON.stringify({ upstreams: [{ name: "shop", pools: [{ name: "home", origins: [view] }] }] }),
    );
  });
  const url = `http://127.0.0.1:${await listening(server)}`;
  const folder = await mkdtemp(join(tmpdir(), "weir-drain-"));
  const tokenFile = join(folder, "token");
  await writeFile(tokenFile, "token");
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  onTestFinished(async () => {
    log.mockRestore();
    server.close();
    await rm(folder, { recursive: true });
  });
  const all = { url, tokenFile, wait: false, timeout: 10, ...options };
  const exitCode = await drain("a", all, new AbortController().signal);
  return { orders, exitCode, said: log.mock.calls.flat().join("\n") };
}

test("a drain that does not wait leaves sessions where they are, and says so", async () => {
  const { orders, exitCode, said } = await drained({});
  expect({ orders, exitCode }).toEqual({ orders: ["drain"], exitCode: 0 });
  expect(said).toContain("but of sessions that are bound to it, which stay");
});

test("a drain that does not wait moves sessions if it is told to", async () => {
  const { orders, said } = await drained({ sessions: "move" });
  expect(orders).toEqual(["drain", "down"]);
  expect(said).toBe("a is down: it takes no new requests.");
});

test("a drain that waits moves sessions unless it is told otherwise", async () => {
  expect(await drained({ wait: true })).toMatchObject({ orders: ["drain", "down"], exitCode: 0 });
});

test("a drain that waits for sessions to finish moves none while one is bound", async () => {
  const waiting = drained({ wait: true, sessions: "finish", timeout: 0 });
  await expect(waiting).rejects.toThrow("a cannot be stopped safely after 0 s: 1 session is bound to it.");
});
