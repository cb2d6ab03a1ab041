/**
 * Servers that are drained by `weir drain --wait`, and killed with SIGKILL the moment it ends, while clients post and get: what the
 * clients got. One upstream for each way that requests take to an origin.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { request } from "undici";

import { drain, up } from "../../cli/operate/drain.ts";
import type { WeirConfig, WeirUpstreamConfig } from "../../worker/config/weir-config.ts";
import { freePort } from "./free-ports.ts";
import { patienceMs } from "./patience.ts";
import { adminToken, startStack } from "./stack.ts";

const upstreams: Readonly<
  Record<string, Omit<WeirUpstreamConfig, "pools"> & { readonly maxConns?: number }>
> = {
  strict: { coordination: "strict", maxConns: 16 },
  leased: { coordination: "leased", maxConns: 16 },
  // What is lent of an origin without a limit is not counted.
  unlimited: { coordination: "leased" },
  sticky: { coordination: "leased", maxConns: 16, sticky: {} },
};

export const drainedUpstreams = Object.keys(upstreams);
const isolates = 3;
const clientsEach = 3;

export interface Rounds {
  /** Answers that clients got, and those that were not 200, in words. */
  readonly answers: number;
  readonly failures: readonly string[];
  /** How long each drain took. */
  readonly drainMs: readonly number[];
}

/** `false` if a client got an error. */
export async function tryDrains(rounds: number): Promise<boolean> {
  const { answers, failures, drainMs } = await runDrainRounds(rounds);
  for (const failure of failures) console.error(`drain: ${failure}`);
  const slowest = Math.max(...drainMs).toFixed(0);
  console.log(
    `drain: ${drainMs.length} servers killed, ${answers} answers, ${failures.length} errors; a drain took ${slowest} ms at most`,
  );
  return failures.length === 0;
}

class KillableOrigin {
  readonly port: number;
  #process: ChildProcess | undefined;

  constructor(port: number) {
    this.port = port;
  }

  async start(): Promise<this> {
    this.#process = fork(join(import.meta.dirname, "killable-origin.js"), [String(this.port)]);
    await once(this.#process, "message");
    return this;
  }

  async kill(): Promise<void> {
    const { exitCode } = this.#process!;
    this.#process!.kill("SIGKILL");
    if (exitCode === null) await once(this.#process!, "exit");
  }
}

export async function runDrainRounds(rounds: number): Promise<Rounds> {
  const origins = new Map<string, KillableOrigin>();
  for (const name of drainedUpstreams) {
    for (const one of ["a", "b"])
      origins.set(`${name}-${one}`, await new KillableOrigin(await freePort()).start());
  }
  const folder = await mkdtemp(join(tmpdir(), "weir-drain-"));
  const tokenFile = join(folder, "token");
  await writeFile(tokenFile, adminToken);
  const stack = await startStack({ origins: {}, isolates, config: () => configOf(origins) });
  const over = new AbortController();
  const seen = { answers: 0, failures: [] as string[] };
  const clients = drainedUpstreams.flatMap((name) =>
    stack.weir.urls.flatMap((url) =>
      Array.from({ length: clientsEach }, () => client(url, `${name}.test`, seen, over.signal)),
    ),
  );
  const drainMs: number[] = [];
  const options = {
    url: stack.url,
    tokenFile,
    wait: true,
    sessions: "move",
    timeout: patienceMs / 1_000,
  } as const;
  try {
    for (let round = 0; round < rounds; round++) {
      await sleep(300);
      const names = drainedUpstreams.map((name) => `${name}-${round % 2 === 0 ? "a" : "b"}`);
      await Promise.all(
        names.map(async (name) => {
          const startMs = performance.now();
          await drain(name, options, over.signal);
          drainMs.push(performance.now() - startMs);
          await origins.get(name)!.kill();
        }),
      );
      await sleep(300);
      for (const name of names) await origins.get(name)!.start();
      for (const name of names) await up(name, options);
    }
    over.abort();
    await Promise.all(clients);
  } finally {
    over.abort();
    await stack.stop();
    await Promise.all([...origins.values()].map((origin) => origin.kill()));
    await rm(folder, { recursive: true, force: true });
  }
  return { ...seen, drainMs };
}

function configOf(origins: ReadonlyMap<string, KillableOrigin>): WeirConfig {
  const all = Object.entries(upstreams).map(([name, { maxConns, ...settings }]) => {
    const mine = ["a", "b"].map((one) => ({
      name: `${name}-${one}`,
      url: `http://127.0.0.1:${origins.get(`${name}-${one}`)!.port}`,
      ...(maxConns !== undefined && { maxConns }),
    }));
    // A dead server is the operator's doing: nothing may hide a request that went there.
    const strictly: Omit<WeirUpstreamConfig, "pools"> = { health: false, retries: { attempts: 0 } };
    const upstream: WeirUpstreamConfig = {
      ...strictly,
      ...settings,
      pools: [{ name: "home", origins: mine }],
    };
    return [name, upstream] as const;
  });
  return {
    target: "workerd",
    upstreams: Object.fromEntries(all),
    routes: drainedUpstreams.map((name) => ({ host: `${name}.test`, upstream: name })),
  };
}

/** Posts and gets in turn, with its cookie, until it is over. */
async function client(
  url: string,
  host: string,
  seen: { answers: number; failures: string[] },
  over: AbortSignal,
): Promise<void> {
  let cookie: string | undefined;
  for (let nth = 0; !over.aborted; nth++) {
    const method = nth % 2 === 0 ? "POST" : "GET";
    const headers = { host, ...(cookie !== undefined && { cookie }) };
    const body = method === "POST" ? "a=1".repeat(100) : null;
    try {
      const answer = await request(url, { method, headers, body });
      await answer.body.text();
      cookie = [answer.headers["set-cookie"] ?? []].flat()[0]?.split(";")[0] ?? cookie;
      seen.answers++;
      if (answer.statusCode !== 200) seen.failures.push(`${method} ${host}: ${answer.statusCode}`);
    } catch (error) {
      seen.failures.push(`${method} ${host}: ${String(error)}`);
    }
  }
}
