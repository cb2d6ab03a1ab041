/**
 * What a holder may have by the answers to its messages: the leases that it may be using, and the slots that it was granted. Each is
 * named by the message that it came in answer to.
 */
import type { Origin, OriginName } from "../model/upstream.ts";
import type { ExchangeMessage } from "../protocol/exchange.ts";
import type { Holder, OfferedLease } from "./holder.ts";

/** Notes that the ask is sent back to idle slots on these origins; `false` if there are none left for it. */
export function sendBack(
  { idle, sentBack }: Holder,
  ask: number,
  origins: readonly Pick<Origin, "name">[],
): boolean {
  const slots = origins.reduce((sum, { name }) => sum + (idle.get(name) ?? 0), 0);
  if (sentBack.size >= slots) return false;
  sentBack.add(ask);
  return true;
}

/** The holder has given back what of this lease it does not keep. */
function keepOnly(
  offers: Map<number, OfferedLease>,
  lease: number,
  keeps: Readonly<Record<OriginName, number>>,
): void {
  const offer = offers.get(lease);
  if (offer === undefined) return;
  const slots = new Map(
    [...offer.slots].map(([origin, count]) => [origin, Math.min(count, keeps[origin] ?? count)]),
  );
  offers.set(lease, { ...offer, slots });
}

/** Forgets the leases that the holder, by its word, does not use any more, and asks that it does not await. */
export function forgetUnused(
  { offers, awaiting, sentBack }: Holder,
  { lease, heard = 0, keeps }: Pick<ExchangeMessage, "lease" | "heard" | "keeps">,
): void {
  for (const ask of sentBack) if (!awaiting.has(ask)) sentBack.delete(ask);
  // A lease older than the last that the holder has heard of it never uses, though the ask that it came with may wait in the queue.
  for (const seq of offers.keys()) {
    if (seq !== lease && (seq <= heard || !awaiting.has(seq))) offers.delete(seq);
  }
  if (lease !== undefined && keeps !== undefined) keepOnly(offers, lease, keeps);
}

/** What a lease in answer to this message covers: what is declared, open or lent on, and what was granted in that answer. */
export function coveredIn({ declared, grants }: Holder, seq: number, origin: OriginName): number {
  const grant = grants.get(seq);
  let slots = grant?.origin === origin ? grant.open : 0;
  for (const held of declared) if (held.origin === origin) slots += held.open + (held.lent ?? 0);
  return slots;
}

/** The most it may have by what it declared, was leased, and was granted in that answer. */
export function claimIn({ declared, grants, idle }: Holder, seq: number, origin: OriginName): number {
  const grant = grants.get(seq);
  let slots = (idle.get(origin) ?? 0) + (grant?.origin === origin ? grant.open : 0);
  for (const held of declared) if (held.origin === origin) slots += held.open;
  return slots;
}

/** What it was leased in the latest answer that it had not heard when it wrote this message. */
export function promisedBefore({ offers, awaiting }: Holder, latest: number, origin: OriginName): number {
  let slots = 0;
  // They were made in this order.
  for (const [seq, offer] of offers) {
    if (seq !== latest && awaiting.has(seq)) slots = offer.slots.get(origin) ?? 0;
  }
  return slots;
}
