/** `weir start`: the whole thing on this machine, until Ctrl-C. */
import { defaultFleet } from "../../origin-sim/fleet.ts";
import type { OriginConfig } from "../../worker/config/config.ts";
import { ExpectedError } from "../expected-error.ts";
import { aborted } from "../interruption.ts";
import { displayPath, loadConfig, type LoadedConfig } from "../load-config.ts";
import { openLogs } from "../stack/logs.ts";
import { requireFreePort } from "../stack/port.ts";
import { startStack, type RunningStack } from "../stack/stack.ts";
import { dim } from "../terminal/style.ts";
import { readWranglerToml } from "../wrangler-toml.ts";
import { requestLine } from "./request-line.ts";
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
  const config = await loadConfig(options.config, lookup);
  requireNoBindings(config);
  await requireFreePort(options.port);

  const logs = await openLogs(options.state, (line, request) => {
    if (options.log) console.log(request ? requestLine(request, new Date()) : dim(line));
  });
  console.log(dim(`Starting ${displayPath(options.config)} …`));
  try {
    const stack = await startStack({
      config,
      stateDir: options.state,
      port: options.port,
      ...(options.sim && { fleet: { origins: defaultFleet() } }),
      lookup,
      onLog: logs.write,
      signal,
    });
    console.log(`${await summaryOf(stack, config, options, logs)}\n`);
    return await serve(stack, signal);
  } finally {
    await logs.close();
  }
}

/** Serves until asked to end, or until workerd has ended by itself. */
async function serve(stack: RunningStack, signal: AbortSignal): Promise<number> {
  const ended = await Promise.race([aborted(signal), stack.weir.exited]);
  if (ended === undefined) console.log(dim("\nStopping …"));
  await stack.stop();
  if (ended === undefined) return 0;
  throw new ExpectedError(
    `workerd has ended (${ended.signal ?? `code ${ended.code}`}).`,
    "Its last words are in events.log of the state directory.",
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
  { admin, adminToken, fleet }: RunningStack,
  { config }: LoadedConfig,
  { port }: StartOptions,
  { accessFile, eventsFile }: { readonly accessFile: string; readonly eventsFile: string },
): Promise<string> {
  const simulatedPorts = new Set(fleet?.origins.map((origin) => origin.port));
  const isSimulated = ({ url }: OriginConfig): boolean => simulatedPorts.has(Number(new URL(url).port));
  const origins = config.upstreams.flatMap(({ pools }) => pools.flatMap((pool) => pool.origins));
  const views = await admin?.upstreams();
  return startSummary({
    port,
    config,
    ...(views && { views }),
    adminToken,
    tokenIsNew: !process.env["WEIR_ADMIN_TOKEN"],
    ...(fleet && {
      simulated: {
        controlUrl: fleet.control.url,
        origins: new Set(origins.filter(isSimulated).map(({ name }) => name)),
      },
    }),
    logFiles: [displayPath(accessFile), displayPath(eventsFile)],
  });
}
