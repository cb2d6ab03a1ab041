/** What `weir start --log` prints: a line for each request, and for each other event. Pure. */
import { isRequest, type LoggedEvent, type LoggedRequest } from "../local/logs.ts";
import { dim, green, red, yellow } from "../terminal/style.ts";

/** A line for either, with the time of day here. */
export const logLine = (event: LoggedEvent | LoggedRequest): string =>
  isRequest(event) ? requestLine(event) : eventLine(event);

/** `12:00:01  200  GET /slow/500  on-prem-1  503 ms`, and why it spilled or was retried. */
function requestLine(request: LoggedRequest): string {
  const { time, method, path, status, origin, spill, attempts, durationMs } = request;
  const notes = [
    ...(spill === undefined ? [] : [yellow(`spilled: ${spill}`)]),
    ...(attempts > 1 ? [yellow(`${attempts} attempts`)] : []),
  ];
  return [
    timeOf(time),
    paintStatus(status),
    `${method} ${path}`,
    origin ?? dim("no origin"),
    dim(`${durationMs} ms`),
    ...notes,
  ].join("  ");
}

/** `12:00:01  health  upstream=shop origin=on-prem-1 to=unhealthy …` */
function eventLine({ time, event, ...rest }: LoggedEvent): string {
  const details = Object.entries(rest).map(([key, value]) => `${key}=${plainText(value)}`);
  return [timeOf(time), yellow(event), ...details].join("  ");
}

const plainText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

const timeOf = (time: string): string => dim(new Date(time).toTimeString().slice(0, 8));

/** A request whose client went away first has no status. */
function paintStatus(status: number | undefined): string {
  if (status === undefined) return dim("---");
  if (status >= 500) return red(String(status));
  return status >= 400 ? yellow(String(status)) : green(String(status));
}
