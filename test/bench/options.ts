/** The command line. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { ExpectedError } from "../../cli/expected-error.ts";
import { bodies, usualBodies, type Body } from "./traffic.ts";

export interface BenchOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  /** Rungs by name, in the order of the ladder. */
  readonly only: readonly string[];
  /** Answers by name, in the order of `traffic.ts`. */
  readonly bodies: readonly Body[];
  readonly json: boolean;
  /** The commit that this checkout is compared with; absent: the ladder is climbed. */
  readonly against?: string;
  /** A route with actions is compared with one without. */
  readonly actions: boolean;
  /** Of both, when one is compared with another. */
  readonly starts: number;
}

export const usage = `npm run bench -- [options]

  --rounds N         how often all of it is done, 1-100 (default 4)
  --seconds N        of throughput, for each rung and body in a round, 1-600 (default 2)
  --connections N    open at once, 1-10000 (default 32)
  --only A,B         only these rungs
  --bodies A,B       these answers, of ${bodies.join(", ")} (default ${usualBodies.join(",")})
  --against REF      only what a request costs Weir in CPU time, here and in the commit REF
  --actions          only what five actions of a route cost in CPU time
  --starts N         of both, with --against or --actions; each gives one pair, 8-100 (default 12)
  --json             the result as JSON on stdout
  --help             this text`;

/**
 * Reads the arguments.
 * @param rungs the names there are.
 * @returns `"help"` if that is all that is wanted.
 * @throws ExpectedError that says what was found and what was expected.
 */
export function parseOptions(args: readonly string[], rungs: readonly string[]): BenchOptions | "help" {
  const values = readArguments(args, options, usage);
  if (values.help === true) return "help";
  return {
    rounds: whole("--rounds", values.rounds, 1, 100),
    seconds: whole("--seconds", values.seconds, 1, 600),
    connections: whole("--connections", values.connections, 1, 10_000),
    only: values.only === undefined ? rungs : chosen("--only", "rung", values.only, rungs),
    bodies: values.bodies === undefined ? usualBodies : chosen("--bodies", "body", values.bodies, bodies),
    json: values.json ?? false,
    actions: values.actions ?? false,
    starts: whole("--starts", values.starts, 8, 100),
    ...(values.against !== undefined && { against: values.against }),
  };
}

const options = {
  rounds: { type: "string", default: "4" },
  seconds: { type: "string", default: "2" },
  connections: { type: "string", default: "32" },
  only: { type: "string" },
  bodies: { type: "string" },
  against: { type: "string" },
  actions: { type: "boolean" },
  starts: { type: "string", default: "12" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/**
 * The values of a command line.
 * @throws ExpectedError with the usage, if there is something on it that is no such option.
 */
export function readArguments<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: Options,
  usage: string,
) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ExpectedError(error.message, usage);
  }
}

/** A whole number of an option, or an error that says what was found. */
export function whole(option: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new ExpectedError(`${option} is "${text}"; expected a whole number from ${min} to ${max}.`);
}

function chosen<Name extends string>(
  option: string,
  what: string,
  text: string,
  all: readonly Name[],
): readonly Name[] {
  const names = new Set(text.split(",").map((name) => name.trim()));
  const known = all.filter((name) => names.delete(name));
  if (names.size === 0) return known;
  throw new ExpectedError(
    `${option} has no ${what} "${[...names].join('", "')}"; there are ${all.join(", ")}.`,
  );
}
