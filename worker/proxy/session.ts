/**
 * A request's place in a sticky session: the pin it brings in its cookie, and the cookie it takes away. A
 * valid cookie says all there is to say, so no table is looked up.
 */
import type { GrantedPick, Pin } from "../../core/leases/exchange.ts";
import type { Millis, Sticky } from "../../core/upstream.ts";
import type { ActiveUpstream } from "../config/active.ts";
import { isCurrent, readCookie, stickySetCookie, withoutCookie, type Assignment } from "./sticky-cookie.ts";

/** The cookie is written anew when this share of its idle time has passed. */
const refreshShare = 0.25;

export interface RequestSession {
  /** Absent: the client brought no valid cookie. */
  readonly assignment?: Assignment;
}

/** Opens the session's cookie, and takes it off the headers for the origin: it is Weir's, not the application's. */
export async function openSession(
  { config, codec }: ActiveUpstream,
  headers: Headers,
  now: Millis,
): Promise<RequestSession> {
  const { sticky } = config;
  if (sticky === undefined || codec === undefined) return {};
  const cookies = headers.get("Cookie");
  const sealed = readCookie(cookies, sticky.cookie);
  if (cookies === null || sealed === undefined) return {};
  const rest = withoutCookie(cookies, sticky.cookie);
  if (rest === null) headers.delete("Cookie");
  else headers.set("Cookie", rest);
  const assignment = await codec.open(sealed, config.name);
  return assignment !== undefined && isCurrent(assignment, sticky, now) ? { assignment } : {};
}

export function pinOf({ assignment }: RequestSession): Pin | undefined {
  if (assignment === undefined) return undefined;
  const { session, origin, epoch } = assignment;
  return { session, origin, epoch };
}

/** The `Set-Cookie` that binds the session to the origin that served; `undefined` if the client's is good. */
export async function sessionCookie(
  { config, codec }: ActiveUpstream,
  { assignment }: RequestSession,
  pick: GrantedPick,
  facts: { readonly secure: boolean; readonly now: Millis },
): Promise<string | undefined> {
  const { sticky } = config;
  if (sticky === undefined || codec === undefined || pick.pin === "elsewhere") return undefined;
  if (assignment !== undefined && pick.pin === "kept" && isFresh(assignment, sticky, facts.now))
    return undefined;
  const value = await codec.seal({
    session: assignment?.session ?? crypto.randomUUID(),
    upstream: config.name,
    origin: pick.origin,
    epoch: pick.pinEpoch,
    startedMs: assignment?.startedMs ?? facts.now,
    seenMs: facts.now,
  });
  return stickySetCookie(value, { sticky, secure: facts.secure });
}

function isFresh({ seenMs }: Assignment, { idleMs }: Sticky, now: Millis): boolean {
  return now - seenMs < refreshShare * idleMs;
}
