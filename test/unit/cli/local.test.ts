/** What a local run keeps and takes on this machine: its secret, its state directory, its port, its logs. */
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { adminTokenFile, findAdminToken } from "../../../cli/local/admin-token-file.ts";
import { LogFile } from "../../../cli/local/log-file.ts";
import { openLogs } from "../../../cli/local/logs.ts";
import { isFreePort, requireFreePorts } from "../../../cli/local/port.ts";
import { runSecrets } from "../../../cli/local/secrets.ts";
import { requireNoOriginAt } from "../../../cli/local/simulated-origins.ts";
import { makeStateDir } from "../../../cli/local/state-dir.ts";
import { lockStateDir } from "../../../cli/workerd/state-lock.ts";
import { parseConfig } from "../../../worker/config/parse/parse.ts";
import { freePort } from "../../support/free-ports.ts";
import { listening } from "./listening.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-local-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("a run's secrets", () => {
  it("the sealing secret survives a restart, and only its owner can read it", async () => {
    const first = await runSecrets(folder, {});
    const second = await runSecrets(folder, {});
    expect(first.WEIR_SECRET).toBe(second.WEIR_SECRET);
    expect(first.WEIR_SECRET.length).toBeGreaterThanOrEqual(32);
    expect((await stat(join(folder, "secret"))).mode & 0o777).toBe(0o600);
  });

  it("two runs that begin together have one sealing secret", async () => {
    const runs = await Promise.all([1, 2, 3, 4].map(() => runSecrets(folder, {})));
    expect(new Set(runs.map(({ WEIR_SECRET }) => WEIR_SECRET)).size).toBe(1);
  });

  it("the admin token is kept in a file that only its owner can read, until that is deleted", async () => {
    const { WEIR_ADMIN_TOKEN: token } = await runSecrets(folder, {});
    expect(await readFile(adminTokenFile(folder), "utf8")).toBe(token);
    await chmod(adminTokenFile(folder), 0o644);
    expect((await runSecrets(folder, {})).WEIR_ADMIN_TOKEN).toBe(token);
    expect((await stat(adminTokenFile(folder))).mode & 0o777).toBe(0o600);
    await rm(adminTokenFile(folder));
    expect((await runSecrets(folder, {})).WEIR_ADMIN_TOKEN).not.toBe(token);
  });

  it("the admin token is found where the run has it from: the environment, then the file", async () => {
    expect(await findAdminToken(folder, {})).toBeUndefined();
    const { WEIR_ADMIN_TOKEN: kept } = await runSecrets(folder, {});
    expect(await findAdminToken(folder, {})).toEqual({ token: kept, where: adminTokenFile(folder) });
    expect(await findAdminToken(folder, { WEIR_ADMIN_TOKEN: "a token of mine 1" })).toEqual({
      token: "a token of mine 1",
      where: "WEIR_ADMIN_TOKEN",
    });
  });

  it("a token from the environment is not written down, and no older one is left to mislead", async () => {
    await runSecrets(folder, {});
    await runSecrets(folder, { WEIR_ADMIN_TOKEN: "a token of mine 1" });
    expect(await findAdminToken(folder, {})).toBeUndefined();
  });

  it("an empty file of a secret is refused with what to do", async () => {
    await writeFile(adminTokenFile(folder), "\n");
    await expect(runSecrets(folder, {})).rejects.toThrow(/admin-token is empty/);
  });

  it("an admin token that could be guessed is refused, with its length and what to do", async () => {
    await expect(runSecrets(folder, { WEIR_ADMIN_TOKEN: "a" })).rejects.toThrow(
      "WEIR_ADMIN_TOKEN has 1 character; expected 16 or more.",
    );
    await writeFile(adminTokenFile(folder), "a".repeat(15));
    await expect(runSecrets(folder, {})).rejects.toThrow(
      /admin-token has 15 characters; expected 16 or more/,
    );
    await writeFile(adminTokenFile(folder), "a".repeat(16));
    expect((await runSecrets(folder, {})).WEIR_ADMIN_TOKEN).toBe("a".repeat(16));
  });

  it("what the environment sets wins", async () => {
    const env = { WEIR_SECRET: "from the environment", WEIR_ADMIN_TOKEN: "a token of mine 1" };
    expect(await runSecrets(folder, env)).toEqual(env);
  });
});

describe("a state directory", () => {
  it("is made if it is not there, and may be there", () => {
    const dir = join(folder, "a", "b");
    makeStateDir(dir);
    makeStateDir(dir);
    lockStateDir(dir)();
  });

  it("is its owner's alone where Weir makes it, and keeps its mode where it was there", async () => {
    makeStateDir(join(folder, "new"));
    expect((await stat(join(folder, "new"))).mode & 0o777).toBe(0o700);
    await chmod(folder, 0o755);
    makeStateDir(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o755);
  });

  it.each(["file", "file/below"])("that is a %s is refused with what to do", async (name) => {
    await writeFile(join(folder, "file"), "");
    expect(() => makeStateDir(join(folder, name))).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(
          `${name} cannot be the state directory: it is a file, or below one.`,
        ),
        hint: expect.stringContaining("--state DIR"),
      }),
    );
  });

  it("belongs to one at a time", () => {
    const unlock = lockStateDir(folder);
    expect(() => lockStateDir(folder)).toThrow(`${folder} is in use by another Weir`);
    unlock();
    unlock();
    lockStateDir(folder)();
  });
});

async function takenPort(): Promise<number> {
  const server = createServer();
  onTestFinished(() => void server.close());
  return listening(server);
}

describe("a port", () => {
  it("that is taken is refused by its number, with what wants the port and what to do", async () => {
    const port = await takenPort();
    expect(await isFreePort(port)).toBe(false);
    await expect(requireFreePorts(port, [])).rejects.toMatchObject({
      message: `Port ${port} is taken by another program. It is needed by Weir.`,
      hint: expect.stringMatching(/--port \d+\.$/),
    });
    await expect(requireFreePorts(await freePort(), [{ port, owner: "an origin" }])).rejects.toMatchObject({
      message: `Port ${port} is taken by another program. It is needed by an origin.`,
      hint: expect.not.stringContaining("--port"),
    });
  });

  it("refuses a port that another program has on ::1, which localhost may mean", async () => {
    await using other = new AsyncDisposableStack();
    const server = createServer();
    const listening = await new Promise<boolean>((done) => {
      server.once("error", () => done(false)).listen(0, "::1", () => done(true));
    });
    other.defer(async () => void server.close());
    const address = server.address();
    // A machine without IPv6 has nobody there who could be in the way.
    if (!listening || typeof address !== "object" || address === null) {
      expect(await isFreePort(await freePort())).toBe(true);
      return;
    }
    await expect(requireFreePorts(address.port, [])).rejects.toMatchObject({
      message: expect.stringContaining("is taken by another program"),
    });
  });

  it("is refused together with all others that are taken", async () => {
    const [port, other] = [await takenPort(), await takenPort()];
    const refusal = requireFreePorts(port, [{ port: other, owner: "an origin" }]);
    await expect(refusal).rejects.toMatchObject({
      message: expect.stringMatching(
        new RegExp(`${port}  is taken .* Weir\n +${other}  is taken .* an origin`),
      ),
      hint: expect.stringMatching(/--port .*--no-sim/),
    });
  });

  it("that the config has an origin on cannot be Weir's", () => {
    const raw = {
      target: "workerd",
      upstreams: {
        shop: { pools: [{ name: "home", origins: [{ name: "a", url: "http://localhost:4000/app" }] }] },
      },
      routes: [{ upstream: "shop" }],
    };
    const parsed = parseConfig(raw, () => undefined);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    expect(() => requireNoOriginAt(4000, parsed.config)).toThrow(
      "Port 4000 cannot be Weir's: in the config it is that of the origin a.",
    );
    expect(() => requireNoOriginAt(4001, parsed.config)).not.toThrow();
  });

  it("that was only asked about is still free", async () => {
    const port = await freePort();
    await requireFreePorts(port, []);
    expect(await isFreePort(port)).toBe(true);
  });
});

describe("the logs", () => {
  const time = "2026-11-29T12:00:01.007Z";
  const request = (path: string) =>
    `{"time":"${time}","event":"request","requestId":"1","method":"GET","host":"h","path":"${path}","attempts":1,"durationMs":2}`;
  const linesOf = async (file: string) => (await readFile(file, "utf8")).trim().split("\n").filter(Boolean);
  const eventsOf = async (file: string) =>
    (await linesOf(file)).map((line): Record<string, unknown> => JSON.parse(line));

  it("requests go to one file, all the rest to the other, and each line is an event with its time", async () => {
    const heard: string[] = [];
    const logs = await openLogs(folder, ({ event }) => heard.push(event));
    const health = `{"time":"${time}","event":"health","origin":"a"}`;
    for (const line of [request("/a"), health, "{not JSON", '{"event":"no time"}', "null"]) logs.write(line);
    logs.writeEvent("start", { url: "http://localhost:8787" });
    logs.close();
    expect(await linesOf(logs.accessFile)).toEqual([request("/a")]);
    const events = await eventsOf(logs.eventsFile);
    expect(events.map(({ event, text, url }) => text ?? url ?? event)).toEqual([
      "health",
      "{not JSON",
      '{"event":"no time"}',
      "null",
      "http://localhost:8787",
    ]);
    for (const event of events) expect(event["time"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(heard).toEqual(["request", "health", "runtime", "runtime", "runtime", "start"]);
  });

  it("are kept over restarts, and only their owner can read them", async () => {
    for (const run of ["first", "second"]) {
      const logs = await openLogs(folder);
      logs.writeEvent(run);
      logs.close();
      expect((await stat(logs.eventsFile)).mode & 0o137).toBe(0);
      expect((await stat(logs.accessFile)).mode & 0o137).toBe(0);
    }
    const events = await eventsOf(join(folder, "events.log"));
    expect(events.map(({ event }) => event)).toEqual(["first", "second"]);
  });

  it("lose no line when they are renamed and opened anew, or truncated in place", async () => {
    const logs = await openLogs(folder);
    logs.write(request("/1"));
    await rename(logs.accessFile, `${logs.accessFile}.1`);
    logs.write(request("/2"));
    logs.reopen();
    logs.write(request("/3"));
    await vi.waitFor(async () => expect(await linesOf(logs.accessFile)).toEqual([request("/3")]));
    expect(await linesOf(`${logs.accessFile}.1`)).toEqual([request("/1"), request("/2")]);

    await truncate(logs.accessFile);
    logs.write(request("/4"));
    logs.close();
    expect(await readFile(logs.accessFile, "utf8")).toBe(`${request("/4")}\n`);
  });

  it("go on where they were if they cannot be opened anew, and say so", async () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => said.mockRestore());
    const logs = await openLogs(folder);
    await rename(logs.accessFile, `${logs.accessFile}.1`);
    await mkdir(logs.accessFile);
    logs.reopen();
    logs.write(request("/1"));
    logs.close();
    expect(await linesOf(`${logs.accessFile}.1`)).toEqual([request("/1")]);
    expect(said).toHaveBeenCalledWith(expect.stringContaining("cannot be opened anew"));
  });

  it.skipIf(!existsSync("/dev/full"))("a full disk is said once, and ends nothing", async () => {
    const said: string[] = [];
    const file = new LogFile("/dev/full", (message) => said.push(message));
    for (let round = 0; round < 3; round++) {
      file.write("a line");
      file.reopen();
    }
    file.close();
    file.write("dropped");
    expect(said).toEqual([expect.stringMatching(/^\/dev\/full cannot be written: .*ENOSPC/)]);
  });
});
