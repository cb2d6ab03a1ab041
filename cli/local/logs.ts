/**
 * Where a local run's output goes: one JSON line per request to `access.log`, all the rest (changes of health, what workerd
 * has to say) to `events.log`, so that the terminal stays quiet. Every line has its time. Both are kept over restarts.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { RequestEvent } from "../../worker/telemetry/access-log.ts";
import { logTime } from "../../worker/telemetry/log-event.ts";
import { LogFile } from "./log-file.ts";
import { RepeatedLines } from "./repeated-lines.ts";

/** Any line: when it happened, and what. */
export interface LoggedEvent extends Readonly<Record<string, unknown>> {
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly event: string;
}

/** A request's line, as the Worker writes it when the request is over. */
export type LoggedRequest = Omit<RequestEvent, "startedMs"> &
  Pick<LoggedEvent, "time"> & { readonly durationMs: number };

export interface Logs {
  readonly accessFile: string;
  readonly eventsFile: string;
  /**
   * Takes a line of the Worker's, or of workerd's, which is wrapped: `{"time":…,"event":"runtime","text":…}`, and counted where it
   * repeats itself.
   */
  readonly write: (line: string) => void;
  /** Adds an event of our own, which happens now. */
  readonly writeEvent: (event: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** Goes on in files of these names, after they were renamed. */
  readonly reopen: () => void;
  /** Everything is on disk. */
  readonly close: () => void;
}

/** Opens both files. `onEvent` also hears of each line. */
export async function openLogs(
  stateDir: string,
  onEvent?: (event: LoggedEvent | LoggedRequest) => void,
): Promise<Logs> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const open = (name: string): LogFile =>
    new LogFile(join(stateDir, name), (message) => console.error(`weir: ${message}`));
  const [access, events] = [open("access.log"), open("events.log")];
  const writeEvent: Logs["writeEvent"] = (event, fields = {}) => {
    const logged = { time: logTime(Date.now()), event, ...fields };
    events.write(JSON.stringify(logged));
    onEvent?.(logged);
  };
  const said = new RepeatedLines();
  return {
    accessFile: access.path,
    eventsFile: events.path,
    write: (line) => {
      const event = parseEvent(line);
      if (event === undefined) {
        for (const runtime of said.addLine(line, Date.now())) writeEvent("runtime", { ...runtime });
        return;
      }
      (isRequest(event) ? access : events).write(line);
      onEvent?.(event);
    },
    writeEvent,
    reopen: () => {
      access.reopen();
      events.reopen();
    },
    close: () => {
      for (const runtime of said.rest()) writeEvent("runtime", { ...runtime });
      access.close();
      events.close();
    },
  };
}

/** What the Worker's line says; `undefined`: it is none of the Worker's. */
function parseEvent(line: string): LoggedEvent | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const event: unknown = JSON.parse(line);
    return isEvent(event) ? event : undefined;
  } catch {
    return undefined;
  }
}

const isEvent = (event: unknown): event is LoggedEvent =>
  typeof event === "object" &&
  event !== null &&
  "time" in event &&
  typeof event.time === "string" &&
  "event" in event &&
  typeof event.event === "string";

/** The Worker is built together with us, so an event is known by its name. */
export const isRequest = (event: LoggedEvent | LoggedRequest): event is LoggedRequest =>
  event.event === "request";
