/**
 * Configs at random, and Weir as it ships: whatever is accepted works. Built once, with a config that comes with each start, so
 * that a config costs the start of a process; what must hold of it is in `expected-answer.ts`. A failure says how to see it
 * again, shrunk to its shortest.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as fc from "fast-check";

import { adminClient } from "../../../cli/local/admin-client.ts";
import { launchWeir, type RunningWeir } from "../../../cli/workerd/launch.ts";
import { parseConfig } from "../../../worker/config/parse/parse.ts";
import type { WeirConfig } from "../../../worker/config/weir-config.ts";
import { configSecret, testBundle } from "../bundle.ts";
import { validConfig } from "./accepted-config.ts";
import { startEchoSite, type EchoSite } from "./echo-site.ts";
import { checkAnswers } from "./check-answers.ts";
import { bindingsOf, runnable } from "./runnable.ts";
import { shrunken } from "./shrunken.ts";

/** The bundle with no config in it, and the origins of all configs. */
export interface ConfigBench {
  readonly bundleDir: string;
  readonly site: EchoSite;
  close(): Promise<void>;
}

const adminToken = "admin-token-of-the-tests";

export async function openConfigBench(): Promise<ConfigBench> {
  const folder = await mkdtemp(join(tmpdir(), "weir-configs-"));
  const [site, bundleDir] = await Promise.all([startEchoSite(), testBundle("shipped", folder)]);
  return {
    bundleDir,
    site,
    close: async () => {
      await site.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface ConfigTrial {
  readonly configs: number;
  readonly seed: number;
  /** The one config that failed. */
  readonly path?: string;
  /** Hears how many configs have been tried. */
  readonly onProgress?: (configs: number) => void;
}

export interface ConfigsTried {
  readonly configs: number;
  readonly requests: number;
  /** What failed, and how to replay it. */
  readonly failure?: string;
}

/** Configs between two words on how far it is, and processes at a time. */
const chunk = 10;
const lanes = 2;

/** A process for each attempt. */
const shrinkingMs = 60_000;

/** Tries that many configs, or until one has failed. */
export async function tryConfigs(bench: ConfigBench, trial: ConfigTrial): Promise<ConfigsTried> {
  const tried = { configs: 0, requests: 0 };
  const left = Array.from({ length: Math.ceil(trial.configs / chunk) }, (_, index) => index);
  let failure: string | undefined;
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined && failure === undefined; next = left.shift()) {
      const numRuns = Math.min(chunk, trial.configs - next * chunk);
      failure ??= await tryChunk(bench, { ...trial, seed: trial.seed + next, configs: numRuns }, tried);
      trial.onProgress?.(tried.configs);
    }
  };
  await Promise.all(Array.from({ length: trial.path === undefined ? lanes : 1 }, lane));
  return failure === undefined ? tried : { ...tried, failure };
}

/** Each chunk has a seed of its own, the one that a failure in it is replayed with. */
async function tryChunk(
  bench: ConfigBench,
  { configs, seed, path }: ConfigTrial,
  tried: { configs: number; requests: number },
): Promise<string | undefined> {
  const run = await fc.check(
    fc.asyncProperty(validConfig, async (config) => {
      tried.requests += await tryConfig(bench, config);
      tried.configs += 1;
    }),
    {
      numRuns: path === undefined ? configs : 1,
      seed,
      endOnFailure: true,
      ...(path !== undefined && { path }),
    },
  );
  const [failed] = run.counterexample ?? [];
  if (!run.failed || failed === undefined) return undefined;
  const fails = (config: WeirConfig): Promise<boolean> =>
    tryConfig(bench, config).then(
      () => false,
      () => true,
    );
  const least = runnable(await shrunken(failed, fails, shrinkingMs), bench.site.address);
  const replay = `npm run test:long -- --only config --seed ${run.seed} --path ${run.counterexamplePath ?? 0}`;
  return `${String(run.errorInstance)}\n${JSON.stringify(least, undefined, 2)}\nReplay it: ${replay}`;
}

/** Starts Weir with the config, and asks of it what the config promises. Returns how many requests that were. */
async function tryConfig({ bundleDir, site }: ConfigBench, written: WeirConfig): Promise<number> {
  const config = runnable(written, site.address);
  const parsed = parseConfig(config, () => undefined);
  assert.ok(parsed.ok, "it is accepted");
  const { hosts } = parsed.config.admin;
  const stateDir = await mkdtemp(join(tmpdir(), "weir-config-"));
  const troubles: string[] = [];
  let weir: RunningWeir | undefined;
  try {
    weir = await launchWeir({
      bundleDir,
      stateDir,
      servers: Object.fromEntries(bindingsOf(config).map((binding) => [binding, site.address])),
      secrets: {
        ...configSecret(config),
        WEIR_ADMIN_TOKEN: adminToken,
        WEIR_SECRET: "a secret of the tests, longer than 32 characters",
      },
      ...(hosts && { adminHosts: hosts }),
      onLog: (line, stream) => {
        if (stream === "stderr" || /"event":"(internal-error|config-refused|exchange-lost)"/.test(line))
          troubles.push(line);
      },
    });
    const [url = ""] = weir.urls;
    const requests = await checkAnswers(url, config, site.address);
    if (hosts?.length !== 0) {
      const views = await adminClient(url, adminToken, hosts?.[0]).upstreams();
      assert.deepEqual(
        views.map(({ name }) => name),
        Object.keys(config.upstreams),
        "the upstreams that the API knows",
      );
    }
    await weir.tick();
    assert.deepEqual(troubles, [], "what the log says");
    return requests;
  } catch (error) {
    throw troubles.length === 0
      ? error
      : new Error(`${String(error)}\nLog: ${troubles.join("\n")}`, { cause: error });
  } finally {
    await weir?.stop(0);
    await rm(stateDir, { recursive: true, force: true });
  }
}
