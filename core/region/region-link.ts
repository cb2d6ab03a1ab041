/**
 * A region's side of the root: what it was lent, and what it has lent on. For its own isolates a region is the object;
 * for the root it is one more holder, with leases nested in its lease: it never lends more than it has, nor for longer.
 * Capacity flows down such a tree in Google's Doorman, too.
 */
import { abandonedAfterMs, ExchangeSession, type SentMessage } from "../holder/exchange-session.ts";
import { SlotsNeeded } from "../holder/slots-needed.ts";
import type { CapacitySource } from "../leasing/capacity-source.ts";
import { seenByAll } from "../ledger/drain-confirmation.ts";
import type { SlotLedger } from "../ledger/slot-ledger.ts";
import type { OriginStatus } from "../model/origin-status.ts";
import type { Millis, Origin, OriginName, Pool, PoolName, Upstream } from "../model/upstream.ts";
import { leaseMs } from "../protocol/clocks.ts";
import type { ConfigVersion } from "../protocol/config-section.ts";
import type { ExchangeReply, HolderId, HeldSlots } from "../protocol/exchange.ts";
import type { ClosedPool, LeasedOrigin, SessionReturn } from "../protocol/lease.ts";
import type { OriginsOut } from "../protocol/origins-out.ts";
import type { OutcomeRun } from "../protocol/outcome.ts";
import type { ServedSession } from "../protocol/pick.ts";
import { slowStartOf } from "../selection/eligible.ts";
import type { Counted } from "../telemetry/fleet-counts.ts";
import { regionalInFlight } from "./regional.ts";

/** Why a region writes: none of its holders wants anything at present, or a request finds no slot. */
export type Need = "quiet" | "short";

interface RegionTerms extends LeasedOrigin {
  /** The region's own open requests when it was told `inFlight`. */
  readonly ownThen: number;
}

export class RegionLink implements CapacitySource {
  readonly #exchangeSession: ExchangeSession;
  readonly #ledger: SlotLedger;
  readonly #regions: number;
  readonly #exchangeMs: Millis;
  readonly #onLoss: Pick<Upstream, "onCoordinatorLoss">;
  #terms: ReadonlyMap<OriginName, RegionTerms> = new Map();
  #closed: ReadonlyMap<PoolName, ClosedPool & { readonly untilMs: Millis }> = new Map();
  #started = new Map<OriginName, number>();
  #sessions = new Map<string, ServedSession & { readonly session: string }>();
  /** What its isolates have open together. */
  readonly #needed = new SlotsNeeded();
  #everyMs: Millis = 0;

  constructor({ regions, timeouts, onCoordinatorLoss }: Upstream, holder: HolderId, ledger: SlotLedger) {
    this.#onLoss = { onCoordinatorLoss };
    this.#exchangeSession = new ExchangeSession(holder);
    this.#ledger = ledger;
    this.#regions = Math.max(1, regions.length);
    this.#exchangeMs = timeouts.exchangeMs;
  }

  /** How long the lease still lasts; 0 or less: it has none. */
  leftMs(now: Millis): Millis {
    return (this.#exchangeSession.lease?.untilMs ?? -Infinity) - now;
  }

  leaseMs(now: Millis): Millis {
    return Math.max(0, Math.min(leaseMs, this.leftMs(now)));
  }

  /** How long the root's answer is waited for. */
  get exchangeMs(): Millis {
    return this.#exchangeMs;
  }

  /** The time between two exchanges with the root. */
  get everyMs(): Millis {
    return this.#everyMs;
  }

  /** How many slots of the origin the region may lend or grant, in all. */
  limitOf({ name }: Pick<Origin, "name">, now: Millis): number {
    const terms = this.#terms.get(name);
    if (terms !== undefined && terms.slots === undefined) return Infinity;
    return this.leftMs(now) > 0 ? (terms?.slots ?? 0) : 0;
  }

  /** The origin as the root sees it; its load, as all regions together probably make it. */
  statusOf(origin: OriginName, own: OriginStatus, now: Millis): OriginStatus {
    const terms = this.#terms.get(origin);
    if (terms === undefined) return { ...own, healthy: false };
    const snapshot = { total: terms.inFlight, own: terms.ownThen };
    return {
      ...own,
      healthy: true,
      operator: terms.boundOnly === true ? "draining" : "up",
      inFlight: regionalInFlight(own.inFlight, snapshot, this.#regions),
      limit: this.limitOf({ name: origin }, now),
      ...slowStartOf(terms),
    };
  }

  pinEpochOf(origin: OriginName): number {
    return this.#terms.get(origin)?.pinEpoch ?? 1;
  }

  /** The root's word that the pool takes no more; `undefined`: the root would have to be asked. */
  closedPool(pool: PoolName, now: Millis): ClosedPool | undefined {
    const closed = this.#closed.get(pool);
    return closed !== undefined && closed.untilMs > now ? closed : undefined;
  }

  /** The sessions that the root sends home now, after a burst. */
  get sessionReturn(): SessionReturn | undefined {
    return this.#exchangeSession.lease?.homecoming;
  }

  /** What the operator has ordered, as far as the root has told. */
  get out(): OriginsOut {
    return this.#exchangeSession.out;
  }

  /** The root, which has lost its memory, is to be told once more. */
  get owesWord(): boolean {
    return this.#exchangeSession.owesWord;
  }

  /** Whether a request would find nothing in the first pool that the root has not closed. */
  isShort(pools: readonly Pool[], now: Millis): boolean {
    if (this.leftMs(now) <= 0) return true;
    const first = pools.find(({ name }) => this.closedPool(name, now) === undefined);
    return first !== undefined && first.origins.every((origin) => !this.#hasRoom(origin, now));
  }

  #hasRoom({ name }: Origin, now: Millis): boolean {
    return this.#terms.has(name) && this.#ledger.totals.taken(name) < this.limitOf({ name }, now);
  }

  /** The region's holders have told it so much. */
  forward(
    runs: readonly OutcomeRun[],
    started: Iterable<readonly [OriginName, number]>,
    counted: readonly Counted[],
  ): void {
    this.#exchangeSession.forward(runs);
    for (const { key, count } of counted) this.#exchangeSession.tally(key, count);
    for (const [origin, count] of started) this.#start(origin, count);
  }

  /** The region has granted a slot. */
  granted(origin: OriginName): void {
    this.#start(origin, 1);
  }

  /** A bound session was served. */
  noteSession(session: string, served: ServedSession): void {
    const moved = served.moved ?? this.#sessions.get(session)?.moved;
    this.#sessions.set(session, { session, ...served, ...(moved && { moved }) });
  }

  #start(origin: OriginName, count: number): void {
    this.#started.set(origin, (this.#started.get(origin) ?? 0) + count);
  }

  /** The next message to the root. */
  write(config: ConfigVersion, now: Millis, need?: Need): SentMessage {
    const held = lentOut(this.#ledger, now);
    this.#needed.set(
      held.reduce((sum, { open }) => sum + open, 0),
      now,
    );
    const declared = {
      held,
      usual: this.#needed.usualAt(now),
      most: this.#needed.mostAt(now),
      started: [...this.#started].map(([origin, count]) => ({ origin, count })),
      sessions: [...this.#sessions.values()],
    };
    this.#sessions = new Map();
    const facts = {
      config,
      untilMs: now + abandonedAfterMs,
      replaces: true as const,
      outSeen: seenByAll(this.out.version, this.#ledger, this.#onLoss, now),
      ...(need && { [need]: true as const }),
    };
    return { message: this.#exchangeSession.write(declared, facts, now), sentMs: now };
  }

  recordReply(reply: ExchangeReply, sent: SentMessage, now: Millis): void {
    const { message, sentMs } = sent;
    const before = this.#exchangeSession.lease;
    this.#exchangeSession.recordReply(reply, sent);
    this.#everyMs = reply.everyMs ?? 0;
    const { lease } = this.#exchangeSession;
    if (lease === undefined || lease === before) return;
    const ownThen = new Map<OriginName, number>();
    for (const { origin, open } of message.held) ownThen.set(origin, (ownThen.get(origin) ?? 0) + open);
    this.#terms = new Map(
      lease.origins.map((terms) => [terms.origin, { ...terms, ownThen: ownThen.get(terms.origin) ?? 0 }]),
    );
    // Asking again keeps requests waiting for as long as this answer did; so it is to last for so long at least.
    const wayMs = now - sentMs;
    this.#closed = new Map(
      lease.closed.map((closed) => [
        closed.pool,
        { ...closed, untilMs: now + Math.max(wayMs, closed.forMs) },
      ]),
    );
  }

  /** The root did not answer. */
  recordLoss({ message }: SentMessage): void {
    this.#exchangeSession.recordLoss(message.seq);
  }
}

/** For each origin what is open at the region's holders, what is lent beyond that, and for how long at most. */
function lentOut(ledger: SlotLedger, now: Millis): HeldSlots[] {
  const untilMs = new Map<OriginName, Millis>();
  const note = (origin: OriginName, until: Millis): void => {
    if (until > (untilMs.get(origin) ?? now)) untilMs.set(origin, until);
  };
  for (const { declared, assumed, grants, offers } of ledger.entries.values()) {
    for (const slots of [...declared, ...assumed, ...grants.values()]) note(slots.origin, slots.untilMs);
    for (const { slots, goneMs } of offers.values()) {
      for (const origin of slots.keys()) note(origin, goneMs);
    }
  }
  return Array.from(untilMs, ([origin, until]) => {
    const open = ledger.totals.inUse(origin);
    const [lent, forMs] = [ledger.totals.taken(origin) - open, until - now];
    return { origin, open, lent, forMs, ageMs: ledger.totals.ageOf(origin, now) };
  });
}
