/** The workerd process itself: starting it, hearing on which ports it listens, stopping it for certain. */
import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { ExpectedError } from "../expected-error.ts";
import { forOwnerOnly } from "./for-owner-only.ts";
import { guardProcessGroup } from "./guard.ts";

export interface ProcessOptions {
  readonly configFile: string;
  /** The name of the constant in it. */
  readonly constant: string;
  /** Where it runs, which the config's relative addresses count from; absent: here. */
  readonly directory?: string;
  /** Where the config's `embed "/…"` files are. */
  readonly importDirs: readonly string[];
  /** The whole environment: workerd inherits nothing of ours, so only these can become bindings. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onLog?: (line: string, stream: "stdout" | "stderr") => void;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface WorkerdProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Rejects, with what workerd said last, when it ends; never resolves. */
  readonly failed: Promise<never>;
  /** The ports of these sockets, once workerd listens on all of them. Rejects as `failed` does. */
  listening(sockets: readonly string[]): Promise<ReadonlyMap<string, number>>;
  readonly stop: (graceMs?: number) => Promise<void>;
}

/** Its package is CommonJS without types, and what an `import` of it yields depends on the program that runs us. */
const { default: workerdBinary }: { readonly default: string } = createRequire(import.meta.url)("workerd");

/** How much of workerd's stderr an error repeats. */
const lastWordsLines = 12;

/** Starts workerd. It cannot outlive this process (guard.ts). */
export function startWorkerd(options: ProcessOptions): WorkerdProcess {
  const child = forOwnerOnly(() =>
    spawn(workerdBinary, workerdArguments(options), {
      env: { ...options.environment },
      cwd: options.directory,
      // 3 is the control descriptor. An unread stdout costs nothing when it is thrown away.
      stdio: ["ignore", options.onLog ? "pipe" : "ignore", "pipe", "pipe"],
      detached: true,
    }),
  );
  const { pid } = child;
  if (pid === undefined) throw new ExpectedError(`workerd could not be started from ${workerdBinary}.`);
  const dismissGuard = guardProcessGroup(pid);

  const lastWords: string[] = [];
  const { onLog } = options;
  if (onLog) eachLine(child.stdout, (line) => onLog(line, "stdout"));
  eachLine(child.stderr, (line) => {
    if (isOfOurFlags(line)) return;
    lastWords.push(line);
    if (lastWords.length > lastWordsLines) lastWords.shift();
    onLog?.(line, "stderr");
  });
  const exited = new Promise<Exit>((done) => {
    child.once("close", (code, signal) => {
      dismissGuard();
      done({ code, signal });
    });
  });
  const failed = exited.then((exit) => {
    throw exitError(exit, lastWords);
  });
  failed.catch(() => {});
  const ports = reportedPorts(child);
  return {
    pid,
    exited,
    failed,
    listening: (sockets) => Promise.race([ports(sockets), failed]),
    stop: (graceMs = 500) => stopProcess(child, exited, graceMs),
  };
}

const workerdArguments = ({ configFile, constant, importDirs }: ProcessOptions): string[] => [
  "serve",
  "--experimental",
  "--control-fd=3",
  ...importDirs.map((dir) => `--import-path=${dir}`),
  configFile,
  constant,
];

/**
 * workerd brings code that V8 has compiled beforehand. Under our flags (`v8Flags` in capnp.ts) V8 compiles that code anew, and workerd warns
 * of it for each isolate. The start takes as long as without the flags (22 ms), so the log does not need the warning.
 */
const isOfOurFlags = (line: string): boolean =>
  line.includes("per-isolate bootstrap compile cache failed its compatibility check");

function eachLine(stream: Readable | null, listener: (line: string) => void): void {
  if (stream !== null) createInterface(stream).on("line", listener);
}

/** workerd reports each socket as a line `{"event":"listen","socket":"http-0","port":8787}`. */
function reportedPorts(child: ChildProcess) {
  const ports = new Map<string, number>();
  const control = child.stdio[3];
  if (!(control instanceof Readable)) throw new TypeError("The control descriptor is not a pipe.");
  const lines = createInterface(control);
  return (sockets: readonly string[]) =>
    new Promise<ReadonlyMap<string, number>>((done) => {
      lines.on("line", (line) => {
        const event: unknown = JSON.parse(line);
        if (isListenEvent(event)) ports.set(event.socket, event.port);
        if (sockets.every((socket) => ports.has(socket))) done(ports);
      });
    });
}

const isListenEvent = (event: unknown): event is { socket: string; port: number } =>
  typeof event === "object" &&
  event !== null &&
  "socket" in event &&
  typeof event.socket === "string" &&
  "port" in event &&
  typeof event.port === "number";

/** SIGTERM stops the listening; but workerd waits for open requests without end, so SIGKILL follows. */
async function stopProcess(child: ChildProcess, exited: Promise<Exit>, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(graceMs > 0 ? "SIGTERM" : "SIGKILL");
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await exited;
  clearTimeout(timer);
}

function exitError({ code, signal }: Exit, lastWords: readonly string[]): ExpectedError {
  const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
  const words = lastWords.length > 0 ? ` Its last words:\n\n${lastWords.join("\n")}` : " It said nothing.";
  return new ExpectedError(`workerd ${how}.${words}`);
}
