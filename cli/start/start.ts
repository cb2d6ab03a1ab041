/** `weir start`: the whole thing on this machine, until Ctrl-C. */
import type { RunningFleet } from "../../origin-sim/fleet.ts";
import { ExpectedError } from "../expected-error.ts";
import { aborted } from "../interruption.ts";
import { loadConfig, type LoadedConfig } from "../config/load-config.ts";
import { openLogs, type Logs } from "../local/logs.ts";
import { requireFreePorts } from "../local/port.ts";
import { requireNoOriginAt, simulatedOrigins, startSimulatedOrigins } from "../local/simulated-origins.ts";
import { makeStateDir } from "../local/state-dir.ts";
import { startLocalWeir, type LocalWeir } from "../local/local-weir.ts";
import { displayPath } from "../terminal/display-path.ts";
import { dim } from "../terminal/style.ts";
import { readWranglerToml } from "../wrangler-toml.ts";
import { eventLine, requestLine } from "./log-line.ts";
import { startSummary } from "./summary.ts";

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
  const simulated = options.sim ? simulatedOrigins(config.config) : [];
  requireNoOriginAt(options.port, config.config);
  await requireFreePorts(
    options.port,
    simulated.map(({ name, port }) => ({ port, owner: `the simulated origin ${name}` })),
  );
  makeStateDir(options.state);

  await using started = new AsyncDisposableStack();
  const logs = await openLogs(options.state, (line, request) => {
    if (options.log) console.log(request ? requestLine(request, new Date()) : eventLine(line, new Date()));
  });
  started.defer(logs.close);
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
  started.defer(local.weir.stop);
  console.log(`${await summaryOf(local, fleet, config, options, logs)}\n`);

  const ended = await Promise.race([aborted(signal), local.weir.exited]);
  if (ended === undefined) {
    console.log(dim("\nStopping …"));
    return 0;
  }
  throw new ExpectedError(
    `workerd has ended (${ended.signal ?? `code ${ended.code}`}).`,
    `Its last words are in ${displayPath(logs.eventsFile)}.`,
  );
}

/** Bindings are Cloudflare's: here there is nothing behind them. */
function requireNoBindings({ config }: LoadedConfig): void {
  const bound = config.upstreams.flatMap(({ pools }) =>
    pools.flatMap(({ origins }) => origins.filter((origin) => origin.via !== "fetch")),
  );
  const names = bound.map(({ name }) => name).join(", ");
  if (bound.length === 0) return;
  throw new ExpectedError(
    `On this machine there is no binding behind which an origin could be reached: ${names}.`,
    'Use a config with via: "fetch" here, or deploy this one: npm run deploy',
  );
}

async function summaryOf(
  { admin, adminToken }: LocalWeir,
  fleet: RunningFleet | undefined,
  { config, writtenTarget }: LoadedConfig,
  { port }: StartOptions,
  { accessFile, eventsFile }: Logs,
): Promise<string> {
  const views = await admin?.upstreams();
  return startSummary({
    port,
    config,
    writtenTarget,
    ...(views && { views }),
    adminToken,
    tokenIsNew: !process.env["WEIR_ADMIN_TOKEN"],
    ...(fleet && {
      simulated: {
        controlUrl: fleet.control.url,
        names: new Map(fleet.origins.map(({ port, name }) => [port, name])),
      },
    }),
    logFiles: [displayPath(accessFile), displayPath(eventsFile)],
  });
}
