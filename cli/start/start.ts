/** `weir start`: the whole thing on this machine, until Ctrl-C. */
import type { UpstreamView } from "../../core/protocol/upstream-view.ts";
import type { RunningFleet } from "../../origin-sim/fleet.ts";
import { logTime } from "../../worker/telemetry/log-event.ts";
import { loadConfig, type LoadedConfig } from "../config/load-config.ts";
import { printConfigWarnings } from "../config/print-warnings.ts";
import { ExpectedError } from "../expected-error.ts";
import { aborted } from "../interruption.ts";
import { adminTokenFile } from "../local/admin-token-file.ts";
import { startLocalWeir, type LocalWeir } from "../local/local-weir.ts";
import { openLogs, type Logs } from "../local/logs.ts";
import { writePidFile } from "../local/pid-file.ts";
import { requireFreePorts } from "../local/port.ts";
import { requireNoOriginAt, simulatedOrigins, startSimulatedOrigins } from "../local/simulated-origins.ts";
import { makeStateDir } from "../local/state-dir.ts";
import { displayPath } from "../terminal/display-path.ts";
import { dim } from "../terminal/style.ts";
import { readWranglerToml } from "../wrangler-toml.ts";
import type { StartFacts } from "./facts.ts";
import { logLine } from "./log-line.ts";
import { hearSignals } from "./signals.ts";
import { startSummary } from "./summary.ts";
import { TroubleReport, troublesOf } from "./troubles.ts";
import { watchOrigins, type OriginWatch } from "./watch-origins.ts";

export interface StartOptions {
  readonly port: number;
  /** The config file. */
  readonly config: string;
  /** The state directory. */
  readonly state: string;
  /** Whether to start the simulated origins. */
  readonly sim: boolean;
  /** Whether to print a line for each request. */
  readonly log: boolean;
  /** For so many seconds open requests may go on when Weir is stopped. Supervisor, by default, kills what has not ended after ten. */
  readonly grace: number;
}

/**
 * Starts Weir, prints the summary, and stops everything when `signal` aborts.
 * @returns the exit code.
 * @throws ExpectedError if it cannot start.
 */
export async function start(options: StartOptions, signal: AbortSignal): Promise<number> {
  const { vars } = readWranglerToml();
  const lookup = (name: string): string | undefined => process.env[name] ?? vars[name];
  const config = await loadConfig(options.config, () => lookup, "workerd");
  requireNoBindings(config);
  printConfigWarnings(config.file, config.warnings);
  const simulated = options.sim ? simulatedOrigins(config.config) : [];
  requireNoOriginAt(options.port, config.config);
  await requireFreePorts(
    options.port,
    simulated.map(({ name, port }) => ({ port, owner: `the simulated origin ${name}` })),
  );
  makeStateDir(options.state);

  await using started = new AsyncDisposableStack();
  let watch: OriginWatch | undefined;
  const logs = await openLogs(options.state, (event) => {
    if (options.log) console.log(logLine(event));
    if (event.event === "health" || event.event === "operator") watch?.look();
  });
  started.defer(logs.close);
  started.defer(hearSignals(logs));
  console.log(dim(`Starting ${displayPath(options.config)} …`));

  const fleet = simulated.length > 0 ? await startSimulatedOrigins(simulated, options.port) : undefined;
  started.defer(async () => fleet?.close());
  const local = await startLocalWeir({
    config,
    stateDir: options.state,
    port: options.port,
    lookup,
    onLog: logs.write,
    signal,
  });
  started.defer(() => local.weir.stop(options.grace * 1_000));
  started.defer(writePidFile(options.state));
  logs.writeEvent("start", { url: local.url });
  const views = await local.admin?.upstreams();
  console.log(`${startSummary(startFacts(local, views, fleet, config, options, logs))}\n`);
  const report = new TroubleReport(screenClock);
  report.saidAll(troublesOf(views ?? []), Date.now());
  watch = local.admin && watchOrigins(local.admin, report, (line) => console.log(line));
  started.defer(() => watch?.stop());

  const ended = await Promise.race([aborted(signal), local.weir.exited]);
  if (ended === undefined) {
    console.log(dim(`\nStopping. Open requests have ${options.grace} s; Ctrl-C cuts them at once.`));
    logs.writeEvent("stop");
    return 0;
  }
  const how = `workerd has ended (${ended.signal ?? `code ${ended.code}`})`;
  logs.writeEvent("stop", { because: how });
  throw new ExpectedError(`${how}.`, `The end of its log is in ${displayPath(logs.eventsFile)}.`);
}

/** Bindings are Cloudflare's: here there is nothing behind them. */
function requireNoBindings({ config }: LoadedConfig): void {
  const bound = config.upstreams.flatMap(({ pools }) =>
    pools.flatMap(({ origins }) => origins.filter((origin) => origin.via !== "fetch")),
  );
  const names = bound.map(({ name }) => name).join(", ");
  if (bound.length === 0) return;
  throw new ExpectedError(
    `Bindings do not exist on this machine, and these origins are reached through one: ${names}.`,
    'Use a config with via: "fetch" here, or deploy this one: npm run deploy',
  );
}

/** A person wants to see the time of day; what is kept must have its date. */
const screenClock = (ms: number): string =>
  process.stdout.isTTY ? new Date(ms).toTimeString().slice(0, 8) : logTime(ms);

function startFacts(
  { adminToken }: LocalWeir,
  views: readonly UpstreamView[] | undefined,
  fleet: RunningFleet | undefined,
  { config, writtenTarget }: LoadedConfig,
  { port, state }: StartOptions,
  { accessFile, eventsFile }: Logs,
): StartFacts {
  return {
    port,
    config,
    writtenTarget,
    ...(views && { views }),
    ...(!process.env["WEIR_ADMIN_TOKEN"] && { tokenFile: displayPath(adminTokenFile(state)) }),
    ...(process.stdout.isTTY && { shownToken: adminToken }),
    ...(fleet && {
      simulated: {
        controlUrl: fleet.control.url,
        names: new Map(fleet.origins.map(({ port, name }) => [port, name])),
      },
    }),
    clock: screenClock,
    width: Math.min(process.stdout.columns ?? 100, 100),
    logFiles: [displayPath(accessFile), displayPath(eventsFile)],
  };
}
