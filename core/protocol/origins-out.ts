/**
 * Which origins an upstream's operator has taken out, as its object tells its holders. Leases say it too, but an isolate that asks
 * for each request has none, and one that is cut off goes on with what it was told last: so it is told this beside its lease, keeps it for
 * its whole life, and says in its messages which version it knows. That is what a drain is confirmed by
 * (`drain-confirmation.ts`). Envoy's control plane knows in the same way what its proxies go by (xDS: version and ACK).
 */
import type { OriginName } from "../model/upstream.ts";
import type { ExchangeMessage } from "./exchange.ts";
import type { Lease, LeasedOrigin } from "./lease.ts";

export interface OriginsOut {
  /** Grows with each order that changes something; 0: there was none. */
  readonly version: number;
  /** They take the requests of sessions that are bound to them, and no others. */
  readonly draining: readonly OriginName[];
  /** They take nothing. */
  readonly down: readonly OriginName[];
}

export const noneOut: OriginsOut = { version: 0, draining: [], down: [] };

/** The orders, for a holder whose message says that it goes by others; `undefined`: it knows them. */
export function newsFor(
  { outSeen = 0 }: Pick<ExchangeMessage, "outSeen">,
  out: OriginsOut,
): OriginsOut | undefined {
  return out.version === outSeen ? undefined : out;
}

/** The lease without what a later order forbids: an answer that was late may bring one from before it. */
export function withoutOut<Held extends Lease>(lease: Held, { draining, down }: OriginsOut): Held {
  if (draining.length + down.length === 0) return lease;
  const origins = lease.origins.flatMap((leased): LeasedOrigin[] => {
    if (down.includes(leased.origin)) return [];
    return [draining.includes(leased.origin) ? { ...leased, share: 0, boundOnly: true } : leased];
  });
  return { ...lease, origins };
}
