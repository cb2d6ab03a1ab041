/**
 * A session that was just moved home, and its requests that do not know it yet. A browser sends several together, all with
 * the old cookie: the first of them decides on the origin, the others follow, and each of them is told.
 */
import type { Pick, Pin, Want } from "../leases/exchange.ts";
import type { OriginName } from "../upstream.ts";

/** The want, with its session's pin as it is since that was brought home, whatever the cookie says. */
export function asBound(
  want: Want,
  burst: { isHome(origin: OriginName): boolean } | undefined,
  sessions: { originOf(session: string): OriginName | undefined },
  pinEpochOf: (origin: OriginName) => number,
): Want {
  const { pin } = want;
  if (pin === undefined || burst === undefined || burst.isHome(pin.origin)) return want;
  const origin = sessions.originOf(pin.session);
  if (origin === undefined || !burst.isHome(origin)) return want;
  const known: Pin = { ...pin, origin, epoch: pinEpochOf(origin) };
  return { ...want, pin: known };
}

/** What the client is to hear: who keeps an origin that its cookie does not name is bound anew. */
export function informed<P extends Pick>(pick: P, { pin }: Want): P {
  if (pick.kind !== "granted" || pick.pin !== "kept" || pick.origin === pin?.origin) return pick;
  return { ...pick, pin: "moved" };
}
