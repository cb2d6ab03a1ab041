/** A request in one line, for `weir start --log`. */
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
    dim(at.toTimeString().slice(0, 8)),
    paintStatus(status),
    `${method} ${path}`,
    origin ?? dim("no origin"),
    dim(`${durationMs} ms`),
    ...notes,
  ].join("  ");
}

/** A request whose client went away first has no status. */
function paintStatus(status: number | undefined): string {
  if (status === undefined) return dim("---");
  if (status >= 500) return red(String(status));
  return status >= 400 ? yellow(String(status)) : green(String(status));
}
