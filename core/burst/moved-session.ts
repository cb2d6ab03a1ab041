/**
 * A session that was just moved home, and its requests that do not know it yet. A browser sends several together, all with
 * the old cookie: the first of them decides on the origin, the others follow, and each of them is told.
 */
import type { GrantedPick, Pick, Pin, ServedSession, Want } from "../leases/exchange.ts";
import type { OriginName, Upstream } from "../upstream.ts";
import { isComingHome, type Homecoming } from "./homecoming.ts";

/** The want, with its session's pin as it is since that was brought home, whatever the cookie says. */
export function asBound(
  want: Want,
  upstream: Upstream,
  sessions: { originOf(session: string): OriginName | undefined },
  pinEpochOf: (origin: OriginName) => number,
): Want {
  const { pin } = want;
  if (pin === undefined || upstream.burst === undefined || isHome(upstream, pin.origin)) return want;
  const origin = sessions.originOf(pin.session);
  if (origin === undefined || !isHome(upstream, origin)) return want;
  const known: Pin = { ...pin, origin, epoch: pinEpochOf(origin) };
  return { ...want, pin: known };
}

/** What the client is to hear: who keeps an origin that its cookie does not name is bound anew. */
export function informed<P extends Pick>(pick: P, { pin }: Want): P {
  if (pick.kind !== "granted" || pick.pin !== "kept" || pick.origin === pin?.origin) return pick;
  return { ...pick, pin: "moved" };
}

/** Where the session is bound with that grant, and whether it has brought it home. */
export function servedSession(
  pin: Pin,
  pick: GrantedPick,
  upstream: Upstream,
  homecoming: Homecoming | undefined,
): ServedSession {
  if (pick.pin === "elsewhere") return { origin: pin.origin };
  const { origin } = pick;
  const isBack = pick.pin === "moved" && !isHome(upstream, pin.origin) && isHome(upstream, origin);
  const moved = isBack && homecoming !== undefined && isComingHome(pin, homecoming);
  return moved ? { origin, moved } : { origin };
}

const isHome = ({ pools: [home] }: Upstream, name: OriginName): boolean =>
  home?.origins.some((origin) => origin.name === name) === true;
