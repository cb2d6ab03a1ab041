/**
 * Servers that close connections each in its own way, as they come: at once and without a word (uWSGI), with a word (PHP,
 * HTTP/1.0), or when they have been idle for a while (gunicorn with threads, Node, Python). Each takes notes, so that a POST which
 * was lost, or came twice, can be told afterwards.
 */
import { join } from "node:path";
import { freePort } from "../../support/free-ports.ts";
import { startServerProcess, type ServerProcess } from "../../support/server-process.ts";
import { isInstalled, python } from "../debian.ts";

export interface NotingServer {
  readonly start: (notes: string) => Promise<ServerProcess>;
  readonly isInstalled: boolean;
  /** After how long it closes a connection that is idle, in ms; absent: it closes each after its answer. */
  readonly idleMs?: readonly number[];
}

const folder = import.meta.dirname;
const at = (port: number): string => `127.0.0.1:${port}`;

/** @param command the program and its arguments, for this port. */
function starting(command: (port: number) => readonly string[]): NotingServer["start"] {
  return async (notes) => {
    const port = await freePort();
    const variables = [`NOTES=${notes}`, "PYTHONDONTWRITEBYTECODE=1", "PHP_CLI_SERVER_WORKERS=2"];
    return startServerProcess("env", [...variables, ...command(port)], `http://${at(port)}`);
  };
}

const gunicorn = (port: number): readonly string[] => [
  "/usr/bin/gunicorn",
  "--bind",
  at(port),
  "--chdir",
  folder,
  "notes:application",
];

export const notingServers = {
  uwsgi: {
    isInstalled: isInstalled.django,
    start: starting((port) => [
      "uwsgi_python3",
      "--http-socket",
      at(port),
      "--pythonpath",
      folder,
      "--module",
      "notes:application",
      "--master",
      "--workers=2",
      "--threads=2",
      "--die-on-term",
    ]),
  },
  gunicorn: { isInstalled: isInstalled.gunicorn, start: starting(gunicorn) },
  "gunicorn with threads": {
    isInstalled: isInstalled.gunicorn,
    start: starting((port) => [...gunicorn(port), "--threads", "4"]),
    idleMs: [2_000],
  },
  php: {
    isInstalled: isInstalled.php,
    start: starting((port) => ["php", "-S", at(port), join(folder, "notes.php")]),
  },
  node: {
    isInstalled: true,
    start: starting((port) => [process.execPath, join(folder, "notes-node.ts"), String(port)]),
    // It says 5 s, and waits a second more (`server.keepAliveTimeoutBuffer`).
    idleMs: [5_000, 6_000],
  },
  "python 1.0": {
    isInstalled: isInstalled.python,
    start: starting((port) => [python, join(folder, "notes_server.py"), String(port), "HTTP/1.0"]),
  },
  "python 1.1": {
    isInstalled: isInstalled.python,
    start: starting((port) => [python, join(folder, "notes_server.py"), String(port), "HTTP/1.1"]),
    idleMs: [1_000],
  },
} satisfies Readonly<Record<string, NotingServer>>;

export type NotingServerName = keyof typeof notingServers;
