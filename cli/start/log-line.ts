/** What `weir start --log` prints: a line for each request, and for each other event. Pure. */
import type { LoggedRequest } from "../local/logs.ts";
import { dim, green, red, yellow } from "../terminal/style.ts";

/** `12:00:01  200  GET /slow/500  on-prem-1  503 ms`, and why it spilled or was retried. */
export function requestLine(request: LoggedRequest, at: Date): string {
  const { method, path, status, origin, spill, attempts, durationMs } = request;
  const notes = [
    ...(spill === undefined ? [] : [yellow(`spilled: ${spill}`)]),
    ...(attempts > 1 ? [yellow(`${attempts} attempts`)] : []),
  ];
  return [
    timeOf(at),
    paintStatus(status),
    `${method} ${path}`,
    origin ?? dim("no origin"),
    dim(`${durationMs} ms`),
    ...notes,
  ].join("  ");
}

/** `12:00:01  health  upstream=shop origin=on-prem-1 to=unhealthy …`; what is not JSON, as it is. */
export function eventLine(line: string, at: Date): string {
  const fields = parseFields(line);
  if (fields === undefined) return dim(line);
  const { event, ...rest } = fields;
  const details = Object.entries(rest).map(([key, value]) => `${key}=${plainText(value)}`);
  return [timeOf(at), yellow(String(event)), ...details].join("  ");
}

function parseFields(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = line.startsWith("{") ? JSON.parse(line) : undefined;
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

const plainText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

const timeOf = (at: Date): string => dim(at.toTimeString().slice(0, 8));

/** A request whose client went away first has no status. */
function paintStatus(status: number | undefined): string {
  if (status === undefined) return dim("---");
  if (status >= 500) return red(String(status));
  return status >= 400 ? yellow(String(status)) : green(String(status));
}
