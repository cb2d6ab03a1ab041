/**
 * Which requests left home, by Weir's access log, and which of them had no need to: at home a slot was free. The browsers cannot tell. A
 * dozen of them that each load a page's files at once fill twelve slots now and then, on a busy machine more often, and then the
 * cloud is right. So the log's own times are asked how many requests were open at home when one left. Pure.
 */

/** A line of the access log (docs/logs.md), as far as it matters here. */
export interface LoggedRequest {
  /** Of its end, RFC 3339. */
  readonly time: string;
  readonly durationMs: number;
  readonly queuedMs?: number;
  readonly pool?: string;
  readonly spill?: string;
  readonly origin?: string;
  readonly attempts?: number;
  readonly status?: number;
  readonly failure?: string;
}

/** What the front says of the requests that it did not get an answer for. */
export function failuresIn(requests: readonly LoggedRequest[]): readonly string[] {
  return requests
    .filter(({ status = 0, failure }) => status >= 500 && failure !== undefined)
    .map(
      ({ time, status, failure, origin = "no origin", attempts, durationMs, queuedMs = 0 }) =>
        `the front at ${time}: ${status} ${failure} by ${origin}, attempt ${attempts}, after ${durationMs} ms, of which ${queuedMs} ms in the queue`,
    );
}

/** The log's requests. @param text of whole lines, other events among them. */
export function requestsIn(text: string): readonly LoggedRequest[] {
  return text
    .split("\n")
    .filter((line) => line.includes('"event":"request"'))
    .map((line): LoggedRequest => JSON.parse(line));
}

/** How many requests left home, by the reason. */
export function reasonsOf(requests: readonly LoggedRequest[]): Readonly<Record<string, number>> {
  const left = requests.filter(({ spill }) => spill !== undefined);
  const groups = Map.groupBy(left, ({ spill = "" }) => spill);
  return Object.fromEntries([...groups].map(([reason, all]) => [reason, all.length]));
}

/** The runtime's clock stands still between two events, so that the log's times are exact to some milliseconds only. */
const toleranceMs = 10;

/**
 * How many requests left home though it had room. One that follows its session (`policy`) had need to if the session had.
 * @param homeSlots how many requests home can have open.
 */
export function needlessSpills(requests: readonly LoggedRequest[], homeSlots: number): number {
  const home = requests.filter(({ pool, spill }) => pool === "home" && spill === undefined).map(spanOf);
  const left = requests.filter(({ spill }) => spill !== undefined);
  const first = left.filter(({ spill }) => spill !== "policy");
  const needless = first.filter((request) => !isFullAround(request, home, homeSlots)).length;
  return needless === 0 && first.length > 0 ? 0 : needless + (left.length - first.length);
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

function spanOf({ time, durationMs }: LoggedRequest): Span {
  const toMs = Date.parse(time);
  return { fromMs: toMs - durationMs, toMs };
}

/** Whether all slots were in use at an instant between the request's arrival and its pick. */
function isFullAround(request: LoggedRequest, home: readonly Span[], slots: number): boolean {
  const arrivedMs = spanOf(request).fromMs;
  const window = { fromMs: arrivedMs - toleranceMs, toMs: arrivedMs + (request.queuedMs ?? 0) + toleranceMs };
  const around = home.filter(({ fromMs, toMs }) => fromMs <= window.toMs && toMs >= window.fromMs);
  // Most are open at once where one of them begins, or where the window does.
  const instants = [window.fromMs, ...around.map(({ fromMs }) => Math.max(fromMs, window.fromMs))];
  return instants.some(
    (instant) => around.filter(({ fromMs, toMs }) => fromMs <= instant && toMs >= instant).length >= slots,
  );
}
