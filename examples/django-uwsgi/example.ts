/** `npm run example`: the example's own command line. Each command is a file of its own. */
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { displayPath } from "../../cli/terminal/display-path.ts";
import { printError } from "../../cli/terminal/error.ts";
import { ExpectedError } from "../../cli/expected-error.ts";
import { aborted, interruptedExitCode, interruption } from "../../cli/interruption.ts";
import type { CrowdFlags } from "./crowd/command.ts";
import { phaseNames, type PhaseName } from "./crowd/phases.ts";
import { filesOf, fronts, setupOf, type SetupOptions } from "./setup/setup.ts";
import { writeSetup } from "./setup/write.ts";
import { bringUp, takeDown } from "./stack/up.ts";

/** Of this user; `down` finds there what `up` has started. */
const defaultFolder = join(tmpdir(), `weir-django-uwsgi-${process.getuid?.() ?? "user"}`);

function whole(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError("Expected a whole number.");
}

function phasesIn(text: string): readonly PhaseName[] {
  return text.split(",").map((name) => {
    const found = phaseNames.find((known) => known === name);
    if (found === undefined) throw new InvalidArgumentError(`There are ${phaseNames.join(", ")}.`);
    return found;
  });
}

/** Runs a command; what it returns is the exit code. */
async function run(command: (signal: AbortSignal) => Promise<number>): Promise<void> {
  const signal = interruption();
  try {
    process.exitCode = await command(signal);
  } catch (error) {
    process.exitCode = signal.aborted ? interruptedExitCode : 1;
    if (signal.aborted) return;
    if (!(error instanceof ExpectedError)) throw error;
    printError(error);
  }
}

const program = new Command("npm run example --")
  .description("A Django site in several uWSGI instances under supervisor, and what stands in front of it.")
  .helpCommand(false);

function withSetup(command: Command): Command {
  return command
    .addOption(new Option("--front <NAME>", "what stands in front").choices(fronts).default("weir"))
    .option("--dir <DIR>", "where everything is written", (text) => resolve(text), defaultFolder)
    .option("--replicas <N>", "instances at home", whole, 3)
    .option("--base-port <P>", "the first instance's port; the others have the next ones", whole, 8080)
    .option("--port <P>", "where browsers go", whole, 8787);
}

interface SetupFlags extends Omit<SetupOptions, "folder" | "frontPort"> {
  readonly dir: string;
  readonly port: number;
}

const setupFrom = ({ dir, port, ...options }: SetupFlags) =>
  setupOf({ ...options, folder: dir, frontPort: port });

withSetup(program.command("generate"))
  .description("write the files of the set-up, and start nothing")
  .action((flags: SetupFlags) =>
    run(async () => {
      await writeSetup(setupFrom(flags));
      console.log(
        `supervisord.conf, webapp.ini, nginx.conf and weir.config.ts are in ${displayPath(flags.dir)}.`,
      );
      return 0;
    }),
  );

withSetup(program.command("up"))
  .description("bring the stack up, and keep it up until Ctrl-C or `down`")
  .action((flags: SetupFlags) =>
    run(async (signal) => {
      const stack = await bringUp(setupFrom(flags), signal);
      console.log(`The site, through ${flags.front}: ${stack.url}`);
      console.log(`supervisorctl -c ${displayPath(join(flags.dir, "supervisord.conf"))} status`);
      const { logs, weirState } = filesOf(stack.setup);
      console.log(`What each program says: ${displayPath(logs)}; front.log has commands to try.`);
      if (flags.front === "weir")
        console.log(`Weir's requests and events: ${displayPath(weirState)}, access.log and events.log.`);
      await Promise.race([stack.ended, aborted(signal)]);
      await stack.stop();
      return 0;
    }),
  );

program
  .command("down")
  .description("take the stack down that `up` has brought up")
  .option("--dir <DIR>", "where it was written", (text) => resolve(text), defaultFolder)
  .action(({ dir }: { dir: string }) =>
    run(async () => {
      if (await takeDown(dir)) return 0;
      throw new ExpectedError(`Nothing runs in ${displayPath(dir)}.`);
    }),
  );

program
  .command("crowd")
  .description(
    "let a crowd of browsers judge a stack of its own, phase after phase; exit 1 if a promise broke",
  )
  .addOption(new Option("--front <NAME>", "what stands in front").choices(fronts).default("weir"))
  .option("--phases <NAMES>", `some of ${phaseNames.join(",")}`, phasesIn, phaseNames)
  .option("--phase-seconds <N>", "how long each phase lasts", whole, 20)
  .option("--browsers <N>", "browsers of an ordinary day", whole, 12)
  .option("--runs <N>", "how often, each on a new stack", whole, 1)
  .option("--seed <N>", "the same users again", whole, Date.now() % 1_000_000_000)
  .option("--json <FILE>", "write the results into this file")
  .action((flags: CrowdFlags) =>
    run(async (signal) => (await import("./crowd/command.ts")).crowd(flags, signal)),
  );

await program.parseAsync();
