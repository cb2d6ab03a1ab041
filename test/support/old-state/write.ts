/**
 * Writes the state that `test/e2e/old-state.test.ts` opens, by the version of Weir that it is run in, on workerd:
 *
 *     git worktree add --detach ../old e865157
 *     cp -r test/support/old-state ../old/test/support/ && ln -s "$PWD/node_modules" ../old/node_modules
 *     cd ../old && node test/support/old-state/write.ts OUT
 *
 * OUT gets the objects' SQLite files and `made.json`: when they were written.
 */
import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

import { launchWeir } from "../../../cli/workerd/launch.ts";
import { startOrigin } from "../../../origin-sim/server.ts";
import { ask, type Got } from "../ask.ts";
import { configSecret, testBundle } from "../bundle.ts";
import { adminToken, weirSecret } from "../stack.ts";
import { oldStateConfig, openInRegion, spent } from "./config.ts";

const names = ["a", "b", "c", "r"];
const holdMs = 8_000;

const out = process.argv[2];
if (out === undefined) throw new Error("usage: node write.ts OUT");
const folder = await mkdtemp(join(tmpdir(), "weir-old-state-"));
const spec = {
  workers: 64,
  threads: 64,
  backlog: 1_000,
  serviceTime: { kind: "constant", ms: 5 },
  restartMs: 100,
  coldStartMs: 0,
} as const;
const origins = await Promise.all(
  names.map(async (name) => ({
    name,
    server: await startOrigin({ name, pool: name, port: 0, spec, seed: 1 }),
  })),
);
const config = oldStateConfig((name) => origins.find((one) => one.name === name)?.server.url ?? "");
const weir = await launchWeir({
  bundleDir: await testBundle("shipped", folder),
  stateDir: join(folder, "state"),
  secrets: { ...configSecret(config), WEIR_ADMIN_TOKEN: adminToken, WEIR_SECRET: weirSecret },
});
const url = weir.urls[0] ?? "";
const get = (host: string, path = "/", headers: Record<string, string> = {}): Promise<Got> =>
  ask(`${url}${path}`, { headers: { host, ...headers } });

// A session that comes back to `a` (only those are kept), then a drain of `b`; while `a` is taken, some requests go to the cloud.
const { headers } = await get("shop.test");
const cookie = String(headers["set-cookie"]?.[0]?.split(";")[0]);
await get("shop.test", "/", { cookie });
await ask(`${url}/_weir/api/v1/upstreams/shop/origins/b/drain`, {
  method: "POST",
  headers: { authorization: `Bearer ${adminToken}` },
});
const held = Promise.allSettled([
  get("shop.test", `/slow/${holdMs}`),
  ...Array.from({ length: openInRegion }, () => get("world.test", `/slow/${holdMs}`)),
]);
await sleep(1_000);
for (let nth = 0; nth < spent; nth++) await get("shop.test");
const madeMs = Date.now();
// As a power cut would: what is open stays open.
process.kill(weir.pid, "SIGKILL");
await weir.exited;
await held;
for (const { server } of origins) await server.close();

const objects = join(folder, "state", "objects");
for (const file of await readdir(objects, { recursive: true })) {
  if (!file.endsWith(".sqlite")) continue;
  const database = new DatabaseSync(join(objects, file));
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
}
await cp(objects, join(out, "objects"), { recursive: true, filter: (path) => !/-(wal|shm)$/.test(path) });
await writeFile(join(out, "made.json"), `${JSON.stringify({ madeMs })}\n`);
await rm(folder, { recursive: true, force: true });
