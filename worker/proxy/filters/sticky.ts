/**
 * `sticky` of an upstream: a request's place in a session. The cookie that the request brings says to which origin it is bound; the
 * answer takes away a new one where the old one is not good any more. A valid cookie says all there is to say, so no table is looked up.
 */
import type { Millis, Sticky } from "../../../core/model/upstream.ts";
import type { Pin } from "../../../core/protocol/pick.ts";
import type { ActiveUpstream } from "../../active-config.ts";
import type { OriginResponse } from "../attempt/attempt-loop.ts";
import {
  isCurrent,
  readCookies,
  stickySetCookie,
  withoutCookie,
  type Assignment,
} from "../request/sticky-cookie.ts";
import { isWithheld } from "../request/cross-site.ts";
import { canBeRewritten } from "../response/rewritable.ts";
import { PerRequest, type Transaction } from "../transaction.ts";
import type { FilterMaker } from "./filter.ts";

/** The cookie is written anew when this share of its idle time has passed. */
const refreshShare = 0.25;

/** So many cookies of the name are looked at: opening one costs. */
const maxCookies = 4;

/** What the request's cookie says, and the `Set-Cookie` of its answer. */
const assignments = new PerRequest<Assignment>();
const newCookies = new PerRequest<string>();

export const stickyFilter: FilterMaker = ({ upstreams }) =>
  upstreams.some(({ codec }) => codec !== undefined)
    ? {
        name: "sticky",
        onThrow: "skip",
        onRequest: (tx) => {
          const { config, codec } = tx.upstream;
          const cookies = tx.request.headers.get("Cookie");
          if (config.sticky === undefined || codec === undefined || cookies === null) return undefined;
          const sealed = readCookies(cookies, config.sticky.cookie);
          return sealed.length === 0 ? undefined : openSession(tx, sealed);
        },
        onResponse: (tx, origin) => (bindsAnew(tx, origin) ? writeCookie(tx, origin) : undefined),
        onSend: (tx, { headers }) => {
          const cookie = newCookies.of(tx);
          if (cookie !== undefined) headers.append("Set-Cookie", cookie);
        },
      }
    : undefined;

/**
 * Binds the request to the session's origin, and takes the session's cookie off the headers for the origin: the cookie is Weir's, not the
 * application's. Where that would cost the application's cookies bytes, Weir's goes along: it is sealed, and says nothing to the origin.
 */
async function openSession(tx: Transaction, sealed: readonly string[]): Promise<undefined> {
  const { config, codec } = tx.upstream;
  const { sticky } = config;
  if (sticky === undefined || codec === undefined) return;
  tx.editOriginHeaders((headers) => {
    // As it stands by now: `headers` may have written it anew, and Connection may have nominated it, so that it is gone.
    const standing = headers.get("Cookie");
    if (standing === null) return;
    const rest = withoutCookie(standing, sticky.cookie);
    if (rest === null) headers.delete("Cookie");
    else if (canBeRewritten(rest)) headers.set("Cookie", rest);
  });
  // Another application, on a path or a parent domain, may use the same name: a stranger's does not hide Weir's.
  for (const value of sealed.slice(0, maxCookies)) {
    const assignment = await codec.open(value, config.name);
    if (assignment === undefined || !isCurrent(assignment, sticky, tx.event.startedMs)) continue;
    assignments.keep(tx, assignment);
    tx.bind(pinOf(assignment));
    return;
  }
}

function pinOf({ session, origin, epoch, startedMs: begunMs, returned }: Assignment): Pin {
  return { session, origin, epoch, begunMs, ...(returned && { returned }) };
}

/** Whether the client gets a cookie: the one that it has is not good any more, or soon will not be. */
function bindsAnew(tx: Transaction, { pick, answeredMs }: OriginResponse): boolean {
  const { sticky } = tx.upstream.config;
  if (sticky === undefined || pick.pin === "elsewhere") return false;
  const assignment = assignments.of(tx);
  // A new cookie would take the place of the one that the browser has, and the session would move.
  if (assignment === undefined) return !isWithheld(tx.request, sticky.sameSite, tx.source.authority);
  return pick.pin !== "kept" || !isFresh(assignment, sticky, answeredMs);
}

async function writeCookie(tx: Transaction, { pick, answeredMs: now }: OriginResponse): Promise<undefined> {
  const { config, codec }: ActiveUpstream = tx.upstream;
  const { sticky } = config;
  if (sticky === undefined || codec === undefined) return;
  const assignment = assignments.of(tx);
  const value = await codec.seal({
    session: assignment?.session ?? crypto.randomUUID(),
    upstream: config.name,
    origin: pick.origin,
    epoch: pick.pinEpoch,
    startedMs: assignment?.startedMs ?? now,
    seenMs: now,
    ...((assignment?.returned ?? pick.returned) && { returned: true }),
  });
  newCookies.keep(tx, stickySetCookie(value, { sticky, isHttps: tx.source.scheme === "https" }));
}

function isFresh({ seenMs }: Assignment, { idleMs }: Sticky, now: Millis): boolean {
  return now - seenMs < refreshShare * idleMs;
}
