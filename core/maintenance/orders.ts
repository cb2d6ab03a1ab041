/**
 * The object's side of orders that put routes in maintenance: the state is a value, which the object stores before it goes by it. Who may give an order, and
 * which routes there are, is for the API to say.
 */
import type { Millis } from "../model/upstream.ts";
import type { ClosedRoute, GivenOrder, MaintenanceNews, MaintenanceReply } from "../protocol/maintenance.ts";

/** Of routes that left the config orders may be left over: the table has a bound of its own. */
export const mostClosed = 1_000;

interface ClosedRecord {
  readonly route: string;
  readonly sinceMs: Millis;
  readonly untilMs?: Millis;
}

export interface MaintenanceState {
  /** Another one after each order. It grows with time, so that an object that lost its rows comes to none that an isolate knows. */
  readonly version: number;
  readonly closed: readonly ClosedRecord[];
}

export const noOrders: MaintenanceState = { version: 0, closed: [] };

/** The state after the order, which is the same if the order changes nothing, and the reply. */
export function obeyed(
  state: MaintenanceState,
  { route, order, forMs }: GivenOrder,
  now: Millis,
): { readonly state: MaintenanceState; readonly reply: MaintenanceReply } {
  const before = state.closed.find((record) => record.route === route);
  const wasOn = before !== undefined;
  const others = state.closed.filter((record) => record !== before);
  if (order === "on" && others.length >= mostClosed) return { state, reply: { kind: "too-many" } };
  if (order === "off" && !wasOn)
    return { state, reply: { kind: "done", wasOn, news: newsFor(state, 0, now) } };
  const record: ClosedRecord = {
    route,
    sinceMs: before?.sinceMs ?? now,
    ...(forMs !== undefined && { untilMs: now + forMs }),
  };
  const next = {
    version: Math.max(state.version + 1, now),
    closed: order === "on" ? [...others, record] : others,
  };
  return { state: next, reply: { kind: "done", wasOn, news: newsFor(next, 0, now) } };
}

/**
 * The state without the orders whose time is over, and the routes of these; the same state if there are none. The version stays: isolates know the ends of what they
 * know.
 */
export function withoutOver(
  state: MaintenanceState,
  now: Millis,
): { readonly state: MaintenanceState; readonly over: readonly string[] } {
  const isOver = ({ untilMs = Infinity }: ClosedRecord): boolean => untilMs <= now;
  const over = state.closed.filter(isOver).map(({ route }) => route);
  if (over.length === 0) return { state, over };
  return { state: { ...state, closed: state.closed.filter((record) => !isOver(record)) }, over };
}

/** What a caller has to hear that knows that version. No order's time may be over (`withoutOver`). */
export function newsFor({ version, closed }: MaintenanceState, known: number, now: Millis): MaintenanceNews {
  return known === version && known !== 0 ? { version } : { version, closed: closed.map(left) };

  function left({ untilMs, ...record }: ClosedRecord): ClosedRoute {
    return { ...record, ...(untilMs !== undefined && { leftMs: untilMs - now }) };
  }
}
