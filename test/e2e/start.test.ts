/** `weir start` and its neighbours, as processes: what is printed works, and nothing is left behind. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { UpstreamView } from "../../core/protocol/upstream-view.ts";
import { ask, connectionRefused } from "../support/ask.ts";
import { freePorts } from "../support/free-ports.ts";
import { patienceMs } from "../support/patience.ts";
import { eventually } from "../support/stack.ts";
import { runNpmStart, runWeir, shell, type WeirCommand } from "../support/weir-command.ts";

let folder = "";
let configFile = "";
let port = 0;
let homePort = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-start-"));
  const [weirPort = 0, ...ports] = await freePorts(5);
  port = weirPort;
  homePort = ports[0] ?? 0;
  const origins = (pool: string, first: number, maxConns: number) =>
    [0, 1].map((index) => ({
      name: `${pool}-${index + 1}`,
      url: `http://127.0.0.1:${ports[first + index]}`,
      maxConns,
    }));
  const config = {
    target: "workerd",
    admin: { hosts: ["localhost"] },
    upstreams: {
      shop: {
        pools: [
          { name: "on-prem", origins: origins("on-prem", 0, 8) },
          { name: "cloud", origins: origins("cloud", 2, 32) },
        ],
        health: { path: "/healthz", interval: "1s", timeout: "500ms", rise: 1, fall: 2 },
      },
    },
    routes: [{ upstream: "shop" }],
  };
  configFile = join(folder, "weir.config.jsonc");
  await writeFile(configFile, `// The shop\n${JSON.stringify(config).replace(/\}$/, ",}")}`);
});
afterAll(() => rm(folder, { recursive: true }));

const running: WeirCommand[] = [];
afterEach(async () => {
  for (const { child } of running) child.kill("SIGKILL");
  await Promise.all(running.map(({ ended }) => ended));
  running.length = 0;
});

function startWeir(launcher?: readonly string[], state = join(folder, "state"), at = port): WeirCommand {
  return track(runWeir(["start", ...startArgs(state, at)], launcher));
}

const startArgs = (state = join(folder, "state"), at = port): string[] => [
  "--port",
  String(at),
  "--config",
  configFile,
  "--state",
  state,
];

function track(command: WeirCommand): WeirCommand {
  running.push(command);
  return command;
}

async function ready({ stdout, stderr, ended }: WeirCommand): Promise<void> {
  const failed = ended.then((code) => {
    throw new Error(`weir ended with ${code}: ${stderr()}`);
  });
  const isReady = (): boolean => stdout().includes("Ctrl-C stops everything.");
  await Promise.race([eventually("weir is ready", isReady, patienceMs), failed]);
}

/** The commands that it suggests to try. */
function suggested({ stdout }: WeirCommand): string[] {
  const [, text = ""] = stdout().split("Try\n");
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^(curl|seq|npx) /.test(line));
}

/** The origins, as the API says. */
async function originsOf(state: string): Promise<UpstreamView["pools"][number]["origins"]> {
  const token = await readFile(join(state, "admin-token"), "utf8");
  const headers = { authorization: `Bearer ${token.trim()}` };
  const answer = await fetch(`http://localhost:${port}/_weir/api/v1/upstreams`, { headers });
  const { upstreams } = (await answer.json()) as { readonly upstreams: readonly UpstreamView[] };
  return upstreams.flatMap(({ pools }) => pools.flatMap((pool) => pool.origins));
}

/** What operators have ordered of the origin. */
async function operatorOf(origin: string, state: string): Promise<string | undefined> {
  const origins = await originsOf(state);
  return origins.find(({ name }) => name === origin)?.operator;
}

/** Weir's port and an origin's refuse connections. */
async function nothingListens(): Promise<void> {
  for (const gone of [port, homePort]) {
    await eventually(`nothing listens on port ${gone}`, () =>
      ask(`http://127.0.0.1:${gone}/`).then(
        () => false,
        (error: unknown) =>
          error instanceof Error && "code" in error && error.code === connectionRefused.code,
      ),
    );
  }
}

describe("weir start", () => {
  it("prints commands that work as printed, and Ctrl-C leaves nothing running", async () => {
    const weir = startWeir();
    await ready(weir);
    const [one, crowd, drain, kill] = suggested(weir);

    expect(await shell(one ?? "")).toMatch(/^HTTP\/1\.1 200 OK[^]*X-Origin: on-prem-[12]/i);

    const counts = [...(await shell(crowd ?? "")).matchAll(/(\d+) "origin":"(.+)"/g)];
    const byOrigin = Object.fromEntries(counts.map(([, count, origin]) => [origin, Number(count)]));
    expect(byOrigin).toEqual({ "on-prem-1": 8, "on-prem-2": 8, "cloud-1": 12, "cloud-2": 12 });

    await shell(drain ?? "");
    expect(await operatorOf("on-prem-1", join(folder, "state"))).toBe("draining");
    expect(await shell(kill ?? "")).toMatch(/"name":"on-prem-2"[^}]*"phase":"dead"/);

    weir.child.kill("SIGINT");
    expect(await weir.ended).toBe(0);
    expect(weir.stderr()).toBe("");
    await nothingListens();
    const requests = (await readFile(join(folder, "state", "access.log"), "utf8")).trim().split("\n");
    expect(requests).toHaveLength(41);
    expect(JSON.parse(requests[0] ?? "")).toMatchObject({ event: "request", path: "/", status: 200 });
  });

  it("under a supervisor keeps the admin token to its file, survives a SIGHUP, and opens its logs anew on SIGUSR1", async () => {
    const state = join(folder, "supervised");
    const weir = startWeir(undefined, state);
    await ready(weir);
    const file = join(state, "admin-token");
    const token = await readFile(file, "utf8");
    expect(weir.stdout()).toContain(`in ${file}`);
    await shell(suggested(weir).find((command) => command.startsWith("npx weir drain")) ?? "");

    weir.child.kill("SIGHUP");
    await eventually("it says that SIGHUP does nothing", () => weir.stdout().includes("SIGHUP does nothing"));
    const access = join(state, "access.log");
    await rename(access, `${access}.1`);
    process.kill(Number(await readFile(join(state, "pid"), "utf8")), "SIGUSR1");
    await eventually("the log is opened anew", () => existsSync(access));
    await shell(`curl -s localhost:${port}/after`);
    await eventually("the request is in the new file", async () =>
      (await readFile(access, "utf8")).includes('"path":"/after"'),
    );
    expect(await readFile(`${access}.1`, "utf8")).not.toContain("/after");

    weir.child.kill("SIGINT");
    await weir.ended;
    for (const name of ["access.log", "events.log"])
      for (const line of (await readFile(join(state, name), "utf8")).trim().split("\n"))
        expect(JSON.parse(line)).toMatchObject({
          time: expect.stringMatching(/^20\d\d-.*T.*\.\d{3}Z$/),
          event: expect.any(String),
        });
    const names = await readdir(state, { recursive: true });
    expect(names).toEqual(
      expect.arrayContaining(["workerd.capnp", "lock", "admin-token", join("bundle", "index.js")]),
    );
    expect(names.filter((name) => name.endsWith(".sqlite")).length).toBeGreaterThan(0);
    const modes = await Promise.all(
      ["", ...names].map(async (name) => ({ name, mode: (await stat(join(state, name))).mode & 0o777 })),
    );
    // Logs may be read by their group.
    const isLog = (name: string): boolean => /^(access|events)\.log/.test(name);
    expect(modes.filter(({ name, mode }) => (mode & (isLog(name) ? 0o037 : 0o077)) !== 0)).toEqual([]);
    const kept = ["access.log", "events.log", "workerd.capnp"].map((name) =>
      readFile(join(state, name), "utf8"),
    );
    for (const text of [weir.stdout(), weir.stderr(), ...(await Promise.all(kept))])
      expect(text).not.toContain(token);
  });

  it("shows after a restart what an operator has ordered, and how to undo it", async () => {
    const state = join(folder, "drained");
    const weir = startWeir(undefined, state);
    await ready(weir);
    await shell(suggested(weir).find((command) => command.startsWith("npx weir drain")) ?? "");
    weir.child.kill("SIGINT");
    await weir.ended;

    const again = startWeir(undefined, state);
    await ready(again);
    expect(again.stdout()).toMatch(/ on-prem-1 .*, drained$/m);
    expect(again.stdout()).not.toMatch(/ on-prem-2 .*, drained$/m);
    await shell(suggested(again)[0] ?? "");
    expect(await operatorOf("on-prem-1", state)).toBe("up");
  });

  it("runs a config for the edge, but believes no header about the client's address", async () => {
    const origin = createServer((request, response) => response.end(request.headers["x-forwarded-for"]));
    onTestFinished(() => void origin.close());
    await once(origin.listen(0, "127.0.0.1"), "listening");
    const { port: originPort } = origin.address() as AddressInfo;
    const file = join(folder, "edge.config.mjs");
    const origins = [{ name: "a", url: `http://127.0.0.1:${originPort}` }];
    const config = { upstreams: { shop: { pools: [{ name: "home", origins }], health: false } } };
    await writeFile(file, `export default ${JSON.stringify({ ...config, routes: [{ upstream: "shop" }] })}`);
    const args = ["start", "--no-sim", "--port", String(port), "--config", file];
    const weir = track(runWeir([...args, "--state", join(folder, "edge")]));
    await ready(weir);
    expect(weir.stdout()).toContain("edge, run here as workerd: CF-Connecting-IP is not believed");
    expect(await shell(`curl -s -H 'CF-Connecting-IP: 192.0.2.1' localhost:${port}`)).toBe("127.0.0.1");
  });

  it("says why an origin is unhealthy instead of that it is ready, and that it has recovered", async () => {
    // Behind nginx the application was asked for its own name only.
    let knows = "shop.example.com";
    const origin = createServer(({ headers }, response) => {
      const asked = String(headers["x-forwarded-host"] ?? headers.host).replace(/:\d+$/, "");
      response.writeHead(asked === knows ? 200 : 400).end();
    });
    onTestFinished(() => void origin.close());
    await once(origin.listen(0, "127.0.0.1"), "listening");
    const { port: originPort } = origin.address() as AddressInfo;
    const url = `http://127.0.0.1:${originPort}`;
    const known = { interval: "1s", headers: { "X-Forwarded-Host": "shop.example.com" } };
    const file = join(folder, "hosts.config.json");
    const site = (name: string, health: object) => ({
      pools: [{ name: "home", origins: [{ name, url }] }],
      health,
    });
    const upstreams = { shop: site("a", { interval: "1s", fall: 1, rise: 1 }), told: site("b", known) };
    await writeFile(file, JSON.stringify({ target: "workerd", upstreams, routes: [{ upstream: "shop" }] }));
    const args = ["start", "--no-sim", "--port", String(port), "--config", file];
    const weir = track(runWeir([...args, "--state", join(folder, "hosts")]));
    await ready(weir);
    expect(weir.stdout()).toContain("Weir runs, but 1 of 2 origins is unhealthy");
    expect(weir.stdout()).not.toContain("ready");
    expect(weir.stdout()).toMatch(/shop\/a {2}unhealthy since .*, probe: 400 in \d+ ms/);
    expect(weir.stdout()).toContain(`"Host: 127.0.0.1:${originPort}"`);
    expect(weir.stdout()).toContain('add "127.0.0.1" to ALLOWED_HOSTS');
    const events = await readFile(join(folder, "hosts", "events.log"), "utf8");
    expect(events).toMatch(/"event":"health".*"to":"unhealthy".*"hint":".*ALLOWED_HOSTS/);

    knows = "127.0.0.1";
    await eventually("it is well", () => weir.stdout().includes("shop/a has recovered"), patienceMs);
    await eventually("b is not", () => weir.stdout().includes("told/b is unhealthy since"), patienceMs);
  });

  it("ends without a word when no program reads what it prints", async () => {
    const weir = startWeir();
    weir.child.stdout?.destroy();
    expect(await weir.ended).not.toBe(null);
    expect(weir.stderr()).toBe("");
    await nothingListens();
  });

  it.each(["SIGINT", "SIGKILL"] as const)("leaves nothing running when npm gets %s", async (signal) => {
    const npm = track(runNpmStart(startArgs()));
    await ready(npm);
    npm.child.kill(signal);
    expect(await npm.ended).toBe(signal === "SIGINT" ? 0 : null);
    await nothingListens();
  });

  it("leaves nothing running when it is killed by SIGKILL", async () => {
    const weir = startWeir();
    await ready(weir);
    weir.child.kill("SIGKILL");
    await nothingListens();
  });

  it("refuses a port and a state directory that are in use, and says what to do", async () => {
    const weir = startWeir();
    await ready(weir);
    const samePort = startWeir();
    expect(await samePort.ended).toBe(1);
    expect(samePort.stderr()).toMatch(new RegExp(`${port}  is taken by another program; needed by Weir`));
    expect(samePort.stderr()).toMatch(new RegExp(`${homePort}  is taken .* the simulated origin on-prem-1`));
    const [otherPort = 0] = await freePorts(1);
    const args = ["start", "--no-sim", "--port", String(otherPort), "--config", configFile];
    const sameState = track(runWeir([...args, "--state", join(folder, "state")]));
    expect(await sameState.ended).toBe(1);
    expect(sameState.stderr()).toMatch(/is\s+in\s+use\s+by\s+another\s+Weir\.\n\n→ /);
  });

  it("bundles nothing of what only the command needs to read a config", async () => {
    const weir = startWeir();
    await ready(weir);
    const map = await readFile(join(folder, "state", "bundle", "index.js.map"), "utf8");
    const { sources } = JSON.parse(map) as { readonly sources: readonly string[] };
    expect(sources.filter((source) => source.includes("/zod/"))).not.toEqual([]);
    expect(sources.filter((source) => /\/(?:cli|acorn|jsonc-parser)\//.test(source))).toEqual([]);
  });

  it("refuses a config with all its issues at once, without a stack trace", async () => {
    const broken = join(folder, "broken.json");
    await writeFile(broken, JSON.stringify({ upstreams: {}, routes: [{ upstream: "shop", prefix: "x" }] }));
    const weir = runWeir(["start", "--config", broken]);
    expect(await weir.ended).toBe(1);
    expect(weir.stderr()).toMatch(/broken\.json has \d issues/);
    expect(weir.stderr()).toContain("routes[0].prefix");
    expect(weir.stderr()).not.toMatch(/^ +at /m);
  });
});

describe("npx weir", () => {
  /** Makes this Node look like one that cannot run the command itself. */
  const onOldNode = [
    "--import",
    'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.0.0"}})',
    "cli/weir.js",
  ];

  it.each([
    ["on an old Node", onOldNode],
    ["on a new Node", ["cli/weir.js"]],
  ])("%s passes on arguments, output and the exit code", async (_, launcher) => {
    const good = runWeir(["check", configFile], launcher);
    expect(await good.ended).toBe(0);
    expect(good.stdout()).toContain("upstream shop");
    const bad = runWeir(["check", join(folder, "nowhere.ts")], launcher);
    expect(await bad.ended).toBe(1);
    expect(bad.stderr()).toContain("There is no config file");
  });

  it.each(["SIGTERM", "SIGKILL"] as const)(
    "on an old Node answers what is open after %s, and leaves nothing running",
    async (signal) => {
      const weir = startWeir(onOldNode);
      await ready(weir);
      const open = fetch(`http://127.0.0.1:${port}/slow/1500`);
      const state = join(folder, "state");
      await eventually("the request is open", async () =>
        (await originsOf(state)).some(({ inFlight }) => inFlight > 0),
      );
      weir.child.kill(signal);
      expect((await open).status).toBe(200);
      expect(await weir.ended).toBe(signal === "SIGTERM" ? 0 : null);
      await nothingListens();
    },
  );
});

describe("weir", () => {
  it.each([
    [["strat"], /unknown command 'strat'\n\(Did you mean start\?\)/],
    [["start", "--prot", "1"], /unknown option '--prot'\n\(Did you mean --port\?\)/],
    [["start", "--port", "99999"], /Expected a port, 1–65535/],
  ])("refuses %j with what was meant", async (args, message) => {
    const weir = runWeir(args);
    expect(await weir.ended).toBe(1);
    expect(weir.stderr()).toMatch(message);
  });

  it("deploys nothing that is for a machine of one's own, but bundles it with --dry-run", async () => {
    const real = runWeir(["deploy"]);
    expect(await real.ended).toBe(1);
    expect(real.stderr()).toContain('weir.config.ts has target: "workerd"');
    const dry = runWeir(["deploy", "--dry-run", "--config", configFile]);
    expect(await dry.ended).toBe(0);
    expect(dry.stderr()).toContain("Warning:");
    expect(dry.stdout()).toContain("--dry-run: exiting now.");
  });
});
