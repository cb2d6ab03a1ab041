/** The `weir` command: reads the command line, runs the command, and shows what went wrong. */
import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { relative } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import type { AutoscalerOptions } from "./autoscaler/autoscaler.ts";
import type { CheckOptions } from "./check/check.ts";
import type { DeployOptions } from "./deploy/deploy.ts";
import { ExpectedError } from "./expected-error.ts";
import { aborted, interruptedExitCode, interruption } from "./interruption.ts";
import { defaultConfigFile } from "./project.ts";
import type { DrainOptions, UpOptions } from "./operate/drain.ts";
import type { MaintenanceCommand, MaintenanceOptions } from "./operate/maintenance.ts";
import type { SimOptions } from "./sim/sim.ts";
import type { StartOptions } from "./start/start.ts";
import { printError } from "./terminal/error.ts";

const configFile = relative("", defaultConfigFile);

/** Runs a command; what it returns is the exit code. Commands are loaded only when they are run. */
async function run(command: (signal: AbortSignal) => Promise<number>, isService = false): Promise<void> {
  const code = await exitCode(command, interruption(isService));
  // A timer of the config's may still be running, but the command is over.
  process.stdout.write("", () => process.exit(code));
}

async function exitCode(
  command: (signal: AbortSignal) => Promise<number>,
  signal: AbortSignal,
): Promise<number> {
  try {
    return await command(signal);
  } catch (error) {
    if (signal.aborted) return interruptedExitCode;
    if (!(error instanceof ExpectedError)) throw error;
    printError(error);
    return error.exitCode;
  }
}

function port(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError("Expected a port, 1–65535.");
}

function names(text: string): string[] {
  return text.split(",").map((name) => name.trim());
}

function loads(text: string): number[] {
  const loads = names(text).map(Number);
  if (loads.every((load) => load > 0 && load <= 100)) return loads;
  throw new InvalidArgumentError("Expected numbers above 0, at most 100, such as 0.7,0.9.");
}

const count =
  (most: number) =>
  (text: string): number => {
    const count = Number(text);
    if (/^\d+$/.test(text) && count >= 1 && count <= most) return count;
    throw new InvalidArgumentError(`Expected a whole number, 1–${most}.`);
  };

const program = new Command("weir")
  .description(
    "An HTTP load balancer for Cloudflare Workers and your own machine: keeps your own servers full, and spills the rest into the cloud.",
  )
  .version(packageJson.version)
  .showHelpAfterError("Run weir --help, or weir COMMAND --help.")
  .helpCommand(false);

program
  .command("start")
  .description("run Weir on this machine, with simulated origins behind it, until Ctrl-C")
  .option("-p, --port <PORT>", "Weir's port on 127.0.0.1", port, 8787)
  .option("-c, --config <FILE>", "the config, .ts, .js, .json or .jsonc", configFile)
  .option("--state <DIR>", "the folder for the state, the bundle and the logs", ".weir")
  .option("--no-sim", "do not simulate origins: use the servers of the config as they are")
  .option("--log", "print a line for each request and event", false)
  .option(
    "--grace <SECONDS>",
    "on stop, give open requests this much time before they are cut",
    count(86_400),
    8,
  )
  .action((options: StartOptions) =>
    run(async (signal) => (await import("./start/start.ts")).start(options, signal), true),
  );

program
  .command("demo")
  .description("run two minutes of peaks, outages and recovery, and say whether every promise was kept")
  .option("--json", "print the result as JSON, and the progress on stderr", false)
  .action((options: { json: boolean }) =>
    run(async (signal) => (await import("./demo/demo.ts")).demo(options, signal)),
  );

program
  .command("autoscaler")
  .description("take Weir's orders for instances, and run simulated instances that register themselves")
  .option("-w, --weir <URL>", "Weir's URL", "http://localhost:8787")
  .option("--upstream <NAME>", "the upstream whose pool grows", "shop")
  .option("--pool <NAME>", "the pool that grows", "cloud")
  .option("-p, --port <PORT>", "the port for orders, on 127.0.0.1", port, 9300)
  .option("--instances-from <PORT>", "the first instance's port; the others have the next ones", port, 9301)
  .option("--max <N>", "the most instances", count(100), 4)
  .option("--slots <N>", "requests that an instance serves at once", count(10_000), 8)
  .option("--starts-in <MS>", "milliseconds that an instance needs to start", count(600_000), 2_000)
  .addHelpText("after", "\nSecrets: WEIR_SCALE_SECRET, WEIR_REGISTER_SECRET (docs/bursting.md)")
  .action((options: AutoscalerOptions) =>
    run(async (signal) => (await import("./autoscaler/autoscaler.ts")).autoscaler(options, signal)),
  );

/** A command for a running Weir. */
const toWeir = (name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .option("--url <URL>", "Weir's URL", "http://127.0.0.1:8787")
    .option("--host <NAME>", "the Host header to send, if admin.hosts names others")
    .option(
      "--token-file <FILE>",
      "the file with the admin token (default: $WEIR_ADMIN_TOKEN, .weir/admin-token)",
    );

const operated = (name: string, description: string): Command =>
  toWeir(name, description)
    .argument("<ORIGIN>", "the origin's name in the config")
    .option("--upstream <NAME>", "the origin's upstream, if several have an origin of that name");

operated("drain", "take an origin out of service; with --wait, until its server can be stopped")
  .option("--wait", "wait until the server can be stopped without a request being lost", false)
  .addOption(
    new Option(
      "--sessions <WHAT>",
      "move sessions that are bound to it elsewhere at once, or let them finish there (default: move with --wait, else finish)",
    ).choices(["move", "finish"]),
  )
  .option("--timeout <SECONDS>", "with --wait: wait this long at most", count(604_800), 600)
  .addHelpText(
    "after",
    "\nExit codes: 0 done; 2 not in time; 3 Weir does not answer; 4 the token; 5 the origin (docs/api.md)",
  )
  .action((origin: string, options: DrainOptions) =>
    run(async (signal) => (await import("./operate/drain.ts")).drain(origin, options, signal)),
  );

operated("up", "bring an origin back into service").action((origin: string, options: UpOptions) =>
  run(async () => (await import("./operate/drain.ts")).up(origin, options)),
);

toWeir("maintenance", "put a route in maintenance while Weir runs, open it again, or list the routes")
  .addArgument(new Argument("<ORDER>", "what to do").choices(["on", "off", "list"]))
  .argument("[ROUTE]", "the route's name in the config, where it has maintenance: { byOrder: true }")
  .option("--for <DURATION>", "with on: when it ends by itself, 1s to 720h (default: with off)")
  .addHelpText(
    "after",
    "\nExit codes: 0 done; 3 Weir does not answer; 4 the token; 5 the route (docs/maintenance.md)",
  )
  .action((order: MaintenanceCommand, route: string | undefined, options: MaintenanceOptions) =>
    run(async () => (await import("./operate/maintenance.ts")).maintenance(order, route, options)),
  );

program
  .command("sim")
  .description("simulate a fleet: compare the policies of a scenario on the same requests")
  .option("-s, --scenario <FILE>", "the scenario, .json or .jsonc (docs/simulator.md)")
  .option("-p, --policy <NAMES>", "policies, separated by commas (default: the scenario's)", names)
  .option("-l, --load <LOADS>", "loads, separated by commas (default: the scenario's)", loads)
  .option("--seeds <N>", "run the seeds 1 to N (default: the scenario's number)", count(1000))
  .addOption(new Option("--seed <S>", "run only this seed").argParser(count(0xffff_ffff)).conflicts("seeds"))
  .option("--json", "print a row for each run as JSON, and the progress on stderr", false)
  .option("--svg <DIR>", "draw the curves into this folder")
  .action((options: SimOptions) =>
    run(async (signal) => (await import("./sim/sim.ts")).sim(options, signal)),
  );

program
  .command("check")
  .description("say whether a config is valid, and what is in it")
  .argument("[FILE]", "the config, .ts, .js, .json or .jsonc", configFile)
  .option("--probe", "send each origin one probe, from here", false)
  .option("--strict", "exit with 1 if there are warnings", false)
  .action((file: string, options: CheckOptions) =>
    run(async (signal) => {
      const checked = (await import("./check/check.ts")).check(file, options);
      // There is nothing to stop, whatever the config is doing.
      return Promise.race([checked, aborted(signal).then(() => interruptedExitCode)]);
    }),
  );

program
  .command("hash-password")
  .description(
    "print the hash of a password for basicAuth; the password comes from the terminal, or from stdin",
  )
  .action(() => run(async (signal) => (await import("./hash-password.ts")).hashPasswordCommand(signal)));

program
  .command("deploy")
  .description("check the config, then run wrangler deploy; further arguments are passed on to it")
  .usage("[options] [arguments of wrangler deploy]")
  .option("-c, --config <FILE>", "Weir's config, .ts, .js, .json or .jsonc", configFile)
  .option("--dry-run", "build and check, but deploy nothing; needs no network", false)
  .option("-e, --env <NAME>", "the environment of wrangler.toml")
  .allowUnknownOption()
  .allowExcessArguments()
  .action((options: Omit<DeployOptions, "wranglerArguments">, command: Command) =>
    run(async (signal) =>
      (await import("./deploy/deploy.ts")).deploy({ ...options, wranglerArguments: command.args }, signal),
    ),
  );

await program.parseAsync();
