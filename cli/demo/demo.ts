/** `weir demo`: two minutes in the life of hybrid upstreams, and whether Weir kept what it promises. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExpectedError } from "../expected-error.ts";
import { loadConfig } from "../config/load-config.ts";
import { isRequest, openLogs, type LoggedRequest } from "../local/logs.ts";
import { startLocalWeir } from "../local/local-weir.ts";
import { dim } from "../terminal/style.ts";
import { openCloud } from "./cloud.ts";
import { openSite } from "./demo-config.ts";
import { runPhase, type PhaseResult, type Stage } from "./phase.ts";
import { showProgress } from "./progress.ts";
import { judgePromises } from "./promises.ts";
import { jsonReport, textReport } from "./report.ts";
import type { Run } from "./run.ts";
import { story } from "./story.ts";

export interface DemoOptions {
  /** Print the result as JSON on stdout, and the progress on stderr. */
  readonly json: boolean;
}

/**
 * Tells the whole story on free ports, in a directory of its own.
 * @returns the exit code: 0 if every promise was kept, else 1.
 */
export async function demo({ json }: DemoOptions, signal: AbortSignal): Promise<number> {
  const screen = json ? process.stderr : process.stdout;
  screen.write(`${dim("Starting on-prem and cloud origins of four sites, and Weir in front of them …")}\n`);
  const run = await tellStory(screen, signal);
  const verdicts = judgePromises(run);
  console.log(json ? jsonReport(run, verdicts) : `\n${textReport(run, verdicts)}`);
  return verdicts.every(({ kept }) => kept) ? 0 : 1;
}

async function tellStory(screen: NodeJS.WriteStream, signal: AbortSignal): Promise<Run> {
  await using started = new AsyncDisposableStack();
  const stateDir = await mkdtemp(join(tmpdir(), "weir-demo-"));
  started.defer(() => rm(stateDir, { recursive: true, force: true }));
  const cloud = await openCloud();
  started.defer(() => cloud.close());
  const { fleet, config, facts } = await openSite(cloud);
  started.defer(() => fleet.close());
  const hearers = new Set<(request: LoggedRequest) => void>();
  const logs = await openLogs(stateDir, (event) => {
    if (isRequest(event)) for (const hear of hearers) hear(event);
  });
  started.defer(logs.close);

  const configFile = join(stateDir, "weir.config.json");
  await writeFile(configFile, JSON.stringify(config));
  const { url, admin, weir } = await startLocalWeir({
    config: await loadConfig(configFile, () => noValue),
    stateDir,
    port: 0,
    lookup: noValue,
    onLog: logs.write,
    signal,
  });
  started.defer(weir.stop);
  if (admin === undefined) throw new TypeError("The demo's config closes Weir's API.");

  const progress = showProgress(fleet, facts, screen);
  started.defer(progress.end);
  cloud.connect(url, progress.onEvent);
  const gone = new AbortController();
  void weir.exited.then(() => gone.abort(new ExpectedError("workerd ended in the middle of the demo.")));
  const stage: Stage = {
    url,
    admin,
    fleet,
    site: facts,
    watcher: progress,
    signal: AbortSignal.any([signal, gone.signal]),
    onLogged: (hear, until) => {
      hearers.add(hear);
      until.addEventListener("abort", () => hearers.delete(hear), { once: true });
    },
  };
  const phases: PhaseResult[] = [];
  try {
    for (const phase of story) {
      progress.phaseBegins(phase);
      const result = await runPhase(stage, phase);
      progress.phaseEnded(result);
      phases.push(result);
    }
  } catch (error) {
    gone.signal.throwIfAborted();
    throw error;
  }
  return { site: facts, phases };
}

const noValue = (): undefined => undefined;
