/** `weir maintenance`: what it asks Weir for, what it says, and what it ends with. */
import { createServer } from "node:http";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";

import { maintenance, type MaintenanceCommand } from "../../../cli/operate/maintenance.ts";
import type { RouteMaintenance } from "../../../core/protocol/maintenance.ts";
import { listening } from "./listening.ts";

const at = Date.UTC(2026, 10, 21, 8);
const routes: readonly RouteMaintenance[] = [
  { route: "shop", inMaintenance: true, sinceMs: at, untilMs: null, inConfig: true },
  { route: "api", inMaintenance: true, sinceMs: at, untilMs: at + 1_800_000, inConfig: true },
  { route: "blog", inMaintenance: false, sinceMs: null, untilMs: null, inConfig: true },
  { route: "old", inMaintenance: true, sinceMs: at, untilMs: null, inConfig: false },
];

interface Given {
  readonly route?: string;
  readonly for?: string;
  readonly answer?: object;
  readonly status?: number;
}

/** Runs the command against an API that answers so. */
async function run(
  command: MaintenanceCommand,
  { route, answer = { maintenance: routes }, status = 200, ...options }: Given = {},
) {
  const asked: string[] = [];
  const server = createServer(({ method, url }, response) => {
    asked.push(`${method} ${url}`);
    response.writeHead(status).end(JSON.stringify(answer));
  });
  const url = `http://127.0.0.1:${await listening(server)}`;
  const folder = await mkdtemp(join(tmpdir(), "weir-maintenance-"));
  const tokenFile = join(folder, "token");
  await writeFile(tokenFile, "token");
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  onTestFinished(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });
  const exitCode = await maintenance(command, route, { url, tokenFile, ...options }).catch(
    (error: unknown) => error,
  );
  const said = log.mock.calls.flat().join("\n");
  log.mockRestore();
  return { asked, exitCode, said };
}

test("an order goes to the API by the route's name, and the command says how the route stands", async () => {
  expect(await run("on", { route: "shop" })).toEqual({
    asked: ["POST /_weir/api/v1/maintenance/shop/on"],
    exitCode: 0,
    said: "shop: in maintenance since 2026-11-21T08:00:00Z. All isolates know within 2 s.",
  });
  expect(await run("on", { route: "api", for: "30m" })).toMatchObject({
    asked: ["POST /_weir/api/v1/maintenance/api/on?for=30m"],
    said: expect.stringContaining("until 2026-11-21T08:30:00Z"),
  });
  expect(await run("off", { route: "blog" })).toMatchObject({
    asked: ["POST /_weir/api/v1/maintenance/blog/off"],
    said: "blog: open. All isolates know within 2 s.",
  });
  expect((await run("off", { route: "gone" })).said).toBe("gone: open. All isolates know within 2 s.");
});

test("the list has a line for each route, also for an order that is left over", async () => {
  const { asked, said } = await run("list");
  expect(asked).toEqual(["GET /_weir/api/v1/maintenance"]);
  expect(said.split("\n")).toEqual([
    "shop: in maintenance since 2026-11-21T08:00:00Z",
    "api: in maintenance since 2026-11-21T08:00:00Z, until 2026-11-21T08:30:00Z",
    "blog: open",
    "old: in maintenance since 2026-11-21T08:00:00Z, but orders do not close a route of this name in the config that runs",
  ]);
  expect((await run("list", { route: "blog" })).said).toBe("blog: open");
  expect((await run("list", { answer: { maintenance: [] } })).said).toContain(
    "set maintenance: { byOrder: true }",
  );
});

test("an order that Weir does not give ends with 5 and Weir's own words", async () => {
  const message = 'There is no route "x". Known: shop.';
  const answer = { error: { status: 404, code: "unknown-route", message } };
  expect(await run("on", { route: "x", answer, status: 404 })).toMatchObject({
    exitCode: { message, exitCode: 5 },
  });
});

test("an answer that is not the API's is told as that", async () => {
  const strange = { exitCode: 3, message: expect.stringContaining("is not Weir's API") };
  expect((await run("list", { answer: { hello: 1 } })).exitCode).toMatchObject(strange);
  expect((await run("list", { answer: { error: {} }, status: 404 })).exitCode).toMatchObject(strange);
});

test("an order without a route asks nothing", async () => {
  const { asked, exitCode } = await run("on");
  expect(asked).toEqual([]);
  expect(exitCode).toMatchObject({ message: "Which route? weir maintenance on ROUTE" });
});
