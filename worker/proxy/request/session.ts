/**
 * A request's place in a sticky session: the pin it brings in its cookie, and the cookie it takes away. A
 * valid cookie says all there is to say, so no table is looked up.
 */
import type { Millis, Sticky } from "../../../core/model/upstream.ts";
import type { GrantedPick, Pin } from "../../../core/protocol/pick.ts";
import type { ActiveUpstream } from "../../active-config.ts";
import { canBeRewritten } from "../response/rewritable.ts";
import { isCurrent, readCookies, stickySetCookie, withoutCookie, type Assignment } from "./sticky-cookie.ts";

/** The cookie is written anew when this share of its idle time has passed. */
const refreshShare = 0.25;

/** So many cookies of the name are looked at: opening one costs. */
const maxCookies = 4;

export interface RequestSession {
  /** Absent: the client brought no valid cookie. */
  readonly assignment?: Assignment;
}

/**
 * Opens the session's cookie, and takes it off the headers for the origin: it is Weir's, not the application's. Where that would cost
 * the application's cookies bytes, it goes along: it is sealed, and says nothing to the origin.
 */
export async function openSession(
  { config, codec }: ActiveUpstream,
  headers: Headers,
  now: Millis,
): Promise<RequestSession> {
  const { sticky } = config;
  if (sticky === undefined || codec === undefined) return {};
  const cookies = headers.get("Cookie");
  const sealed = cookies === null ? [] : readCookies(cookies, sticky.cookie);
  if (cookies === null || sealed.length === 0) return {};
  const rest = withoutCookie(cookies, sticky.cookie);
  if (rest === null) headers.delete("Cookie");
  else if (canBeRewritten(rest)) headers.set("Cookie", rest);
  // Another application, on a path or a parent domain, may use the same name: a stranger's does not hide Weir's.
  for (const value of sealed.slice(0, maxCookies)) {
    const assignment = await codec.open(value, config.name);
    if (assignment !== undefined && isCurrent(assignment, sticky, now)) return { assignment };
  }
  return {};
}

export function pinOf({ assignment }: RequestSession): Pin | undefined {
  if (assignment === undefined) return undefined;
  const { session, origin, epoch, startedMs: begunMs, returned } = assignment;
  return { session, origin, epoch, begunMs, ...(returned && { returned }) };
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
    ...((assignment?.returned ?? pick.returned) && { returned: true }),
  });
  return stickySetCookie(value, { sticky, secure: facts.secure });
}

function isFresh({ seenMs }: Assignment, { idleMs }: Sticky, now: Millis): boolean {
  return now - seenMs < refreshShare * idleMs;
}
