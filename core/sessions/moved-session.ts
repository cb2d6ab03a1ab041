/**
 * A session that was just moved home, and its requests that do not know it yet. A browser sends several together, all with
 * the old cookie: the first of them decides on the origin, the others follow, and each of them is told.
 */
import type { OriginName, Upstream } from "../model/upstream.ts";
import type { GrantedPick, Pick, Pin, ServedSession, Want } from "../protocol/pick.ts";

/** The want, with its session's pin as it is since that was brought home, whatever the cookie says. */
export function asBound(
  want: Want,
  upstream: Upstream,
  sessions: { originOf(session: string): OriginName | undefined },
  pinEpochOf: (origin: OriginName) => number,
): Want {
  const { pin } = want;
  if (pin === undefined || upstream.sticky?.homecoming !== true || isHome(upstream, pin.origin)) return want;
  const origin = sessions.originOf(pin.session);
  if (origin === undefined || !isHome(upstream, origin)) return want;
  const known: Pin = { ...pin, origin, epoch: pinEpochOf(origin) };
  return { ...want, pin: known };
}

/**
 * What a client is to hear if its cookie says `asked` while the session is bound as in `bound`: one that was moved home a moment
 * ago is told so with each answer that keeps it there.
 */
export function informed<P extends Pick>(pick: P, asked: Want, bound: Want): P {
  if (pick.kind !== "granted" || bound.pin === asked.pin || pick.pin === "elsewhere") return pick;
  return { ...pick, pin: "moved", returned: true };
}

/** Where the session, which is bound as in `pin`, is bound with that grant, and whether it has brought it home. */
export function servedSession(pin: Pin, pick: GrantedPick, upstream: Upstream): ServedSession {
  if (pick.pin === "elsewhere") return { origin: pin.origin };
  const { origin } = pick;
  return pick.returned === true && !isHome(upstream, pin.origin) ? { origin, moved: true } : { origin };
}

const isHome = ({ pools: [home] }: Upstream, name: OriginName): boolean =>
  home?.origins.some((origin) => origin.name === name) === true;
