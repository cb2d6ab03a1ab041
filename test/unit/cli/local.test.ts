/** What a local run keeps and takes on this machine: its secret, its state directory, its port, its logs. */
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { openLogs } from "../../../cli/local/logs.ts";
import { isFreePort, requireFreePorts } from "../../../cli/local/port.ts";
import { runSecrets } from "../../../cli/local/secrets.ts";
import { requireNoOriginAt } from "../../../cli/local/simulated-origins.ts";
import { makeStateDir } from "../../../cli/local/state-dir.ts";
import { lockStateDir } from "../../../cli/workerd/state-lock.ts";
import { parseConfig } from "../../../worker/config/parse.ts";
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

  it("the admin token is another one each time, and is not kept", async () => {
    const { WEIR_ADMIN_TOKEN: token } = await runSecrets(folder, {});
    expect((await runSecrets(folder, {})).WEIR_ADMIN_TOKEN).not.toBe(token);
    expect(await readFile(join(folder, "secret"), "utf8")).not.toContain(token);
  });

  it("what the environment sets wins", async () => {
    const env = { WEIR_SECRET: "from the environment", WEIR_ADMIN_TOKEN: "mine" };
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

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((done) => server.close(done));
  return port;
}

describe("a port", () => {
  it("that is taken is refused by its number, with who wants it and what to do", async () => {
    const port = await takenPort();
    expect(await isFreePort(port)).toBe(false);
    await expect(requireFreePorts(port, [])).rejects.toMatchObject({
      message: `Port ${port} is taken by another program. It is wanted by Weir.`,
      hint: expect.stringMatching(/--port \d+\.$/),
    });
    await expect(requireFreePorts(await freePort(), [{ port, owner: "an origin" }])).rejects.toMatchObject({
      message: `Port ${port} is taken by another program. It is wanted by an origin.`,
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
  it("requests go to one file, all the rest to the other, line by line", async () => {
    const heard: (string | undefined)[] = [];
    const logs = await openLogs(folder, (_, request) => heard.push(request?.path));
    const request =
      '{"event":"request","requestId":"1","method":"GET","host":"h","path":"/a","attempts":1,"durationMs":2}';
    const lines = [request, '{"event":"health","origin":"a"}', "{not JSON", "workerd: warning"];
    for (const line of lines) logs.write(line);
    await logs.close();
    expect(await readFile(logs.accessFile, "utf8")).toBe(`${request}\n`);
    expect(await readFile(logs.eventsFile, "utf8")).toBe(`${lines.slice(1).join("\n")}\n`);
    expect(heard).toEqual(["/a", undefined, undefined, undefined]);
  });

  it("begin anew with each run", async () => {
    const first = await openLogs(folder);
    first.write("of an earlier run");
    await first.close();
    const second = await openLogs(folder);
    await second.close();
    expect(await readFile(second.eventsFile, "utf8")).toBe("");
  });
});
