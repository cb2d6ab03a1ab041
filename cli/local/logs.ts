/**
 * Where a local run's output goes: one JSON line per request to `access.log`, all the rest (changes of health, what
 * workerd has to say) to `events.log`, so that the terminal stays quiet. Both begin anew with each run.
 */
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { RequestEvent } from "../../worker/proxy/access-log.ts";

/** A request's line, as the Worker writes it when the request is over. */
export type LoggedRequest = Omit<RequestEvent, "event" | "startedMs"> & { readonly durationMs: number };

export interface Logs {
  readonly accessFile: string;
  readonly eventsFile: string;
  readonly write: (line: string) => void;
  /** Resolves when everything is on disk. */
  readonly close: () => Promise<void>;
}

/** Opens both files. `onLine` also hears each line, and the request it tells of, if it does. */
export async function openLogs(
  stateDir: string,
  onLine?: (line: string, request: LoggedRequest | undefined) => void,
): Promise<Logs> {
  await mkdir(stateDir, { recursive: true });
  const [accessFile, eventsFile] = [join(stateDir, "access.log"), join(stateDir, "events.log")];
  const [access, events] = [createWriteStream(accessFile), createWriteStream(eventsFile)];
  return {
    accessFile,
    eventsFile,
    write: (line) => {
      const request = parseRequestEvent(line);
      (request === undefined ? events : access).write(`${line}\n`);
      onLine?.(line, request);
    },
    close: async () => {
      await Promise.all([access, events].map((stream) => new Promise<void>((done) => stream.end(done))));
    },
  };
}

/** The request a log line tells of; `undefined`: it tells of something else. */
function parseRequestEvent(line: string): LoggedRequest | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const event: unknown = JSON.parse(line);
    return isRequest(event) ? event : undefined;
  } catch {
    return undefined;
  }
}

/** The Worker is built together with us, so an event is known by its name. */
const isRequest = (event: unknown): event is LoggedRequest =>
  typeof event === "object" && event !== null && "event" in event && event.event === "request";
