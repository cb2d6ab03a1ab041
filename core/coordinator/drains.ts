/**
 * The drains of an upstream: since when an origin is out by order, what still stands in the way of stopping it
 * (`ledger/drain-confirmation.ts`), and what of that is worth a log line. NGINX Plus and HAProxy leave it to people to look
 * at a counter of connections until it is 0; here a counter alone does not say it.
 */
import { settleMs, waitsFor } from "../ledger/drain-confirmation.ts";
import type { SlotLedger } from "../ledger/slot-ledger.ts";
import type { OperatorOrder } from "../model/operator.ts";
import type { Millis, Origin, OriginName, Upstream } from "../model/upstream.ts";
import type { DrainWait, DrainView } from "../protocol/origin-view.ts";
import type { DrainEvent, Notice } from "../telemetry/events.ts";
import type { Effects, Outbox } from "./outbox.ts";
import type { OriginRecords } from "./origin-records.ts";

/** What a drain has come to. */
type DrainNotice = Notice<DrainEvent>;

/** A drain that takes longer is told of, then again after twice the time, and so on. */
const slowMs: Millis = 10_000;

/** The first look comes soon, since the operator is waiting; later ones are further apart. */
const [soonestLookMs, latestLookMs]: readonly [Millis, Millis] = [250, 10_000];

/** No more than these are listed: of a fleet of a thousand isolates all may be in the way. */
const mostListed = 10;

interface Pending {
  tellAtMs: Millis;
}

export class Drains {
  readonly #upstream: () => Upstream;
  readonly #ledger: Pick<SlotLedger, "entries" | "sinceMs" | "totals" | "prune">;
  readonly #records: OriginRecords;
  readonly #outbox: Outbox;
  /** Since when nothing was found in the way. */
  readonly #clearSince = new Map<OriginName, { readonly order: number; readonly sinceMs: Millis }>();
  /** Orders of which it was not told yet that the origin may be stopped. */
  readonly #pending = new Map<OriginName, Pending>();

  /** Drains of which an earlier incarnation has told all are not told of again. */
  constructor(
    upstream: () => Upstream,
    ledger: Pick<SlotLedger, "entries" | "sinceMs" | "totals" | "prune">,
    records: OriginRecords,
    outbox: Outbox,
    now: Millis,
  ) {
    this.#upstream = upstream;
    this.#ledger = ledger;
    this.#records = records;
    this.#outbox = outbox;
    const { ordered, overrideOf } = records;
    for (const origin of ordered) if (overrideOf(origin).safeMs === undefined) this.#ordered(origin, now);
  }

  /** Carries out an operator's order; `undefined` if there is no such origin. */
  operate(origin: OriginName, order: OperatorOrder, now: Millis): Effects | undefined {
    if (!this.#records.knows(origin)) return undefined;
    if (this.#records.operate(origin, order, now)) this.#ordered(origin, now);
    this.#outbox.log({ event: "operator", upstream: this.#upstream().name, origin, order });
    return this.#outbox.take();
  }

  #ordered(origin: OriginName, now: Millis): void {
    this.#clearSince.delete(origin);
    this.#pending.delete(origin);
    if (this.#records.overrideOf(origin).state === "up") return;
    this.#pending.set(origin, { tellAtMs: now + slowMs });
  }

  /** Whether the origin may be stopped at this moment, and if not, why. */
  view(origin: Pick<Origin, "name" | "maxConns">, now: Millis): DrainView {
    const waits = this.#waits(origin, now);
    return { safeToStop: waits.length === 0, waitingFor: waits.slice(0, mostListed) };
  }

  /**
   * Whether a member that leaves may go: nothing is open there, and every holder knows. The sessions that are bound to it are moved as
   * soon as none of them has a request open.
   */
  letGo(member: OriginName, now: Millis): boolean {
    this.#ledger.prune(now);
    const origin = this.#originOf(member);
    if (origin === undefined) return true;
    const waits = this.#waits(origin, now);
    const takesBound = waits.some(({ why }) => why === "sessions");
    if (takesBound && this.#ledger.totals.taken(member) === 0) this.#records.close(member);
    return waits.length === 0;
  }

  #originOf(name: OriginName): Origin | undefined {
    return this.#upstream()
      .pools.flatMap((pool) => pool.origins)
      .find((known) => known.name === name);
  }

  #waits(origin: Pick<Origin, "name" | "maxConns">, now: Millis): readonly DrainWait[] {
    const upstream = this.#upstream();
    const { state, order = 1, orderedMs = 0 } = this.#records.orderOf(origin.name);
    if (state === "up") return [{ why: "in-service" }];
    const waits = waitsFor(origin, order, this.#ledger, upstream, now);
    if (state === "draining" && upstream.sticky !== undefined)
      waits.unshift({ why: "sessions", untilMs: orderedMs + upstream.sticky.idleMs });
    if (waits.length > 0) {
      this.#clearSince.delete(origin.name);
      return waits;
    }
    const clear = this.#clearSince.get(origin.name);
    const sinceMs = clear?.order === order ? clear.sinceMs : now;
    this.#clearSince.set(origin.name, { order, sinceMs });
    const untilMs = sinceMs + settleMs;
    return untilMs > now ? [{ why: "settling", untilMs }] : [];
  }

  /** What has come of the drains since the last look, and when to look again; `undefined`: not before the next order. */
  look(now: Millis): Effects & { readonly inMs: Millis | undefined } {
    this.#ledger.prune(now);
    for (const [name, pending] of this.#pending) {
      const notice = this.#lookAt(name, pending, now);
      if (notice === undefined) continue;
      if (notice.state === "safe-to-stop") this.#records.told(name, now);
      this.#outbox.log({ event: "drain", upstream: this.#upstream().name, ...notice });
    }
    return { ...this.#outbox.take(), inMs: this.#lookInMs(now) };
  }

  #lookAt(name: OriginName, pending: Pending, now: Millis): DrainNotice | undefined {
    const origin = this.#originOf(name);
    // It has left the config meanwhile.
    if (origin === undefined) return void this.#pending.delete(name);
    const { safeToStop, waitingFor } = this.view(origin, now);
    const afterMs = now - (this.#records.overrideOf(name).orderedMs ?? now);
    const notice = { origin: name, afterMs, stillOpen: this.#ledger.totals.taken(name) };
    if (safeToStop) {
      this.#pending.delete(name);
      return { ...notice, state: "safe-to-stop" };
    }
    if (now < pending.tellAtMs) return undefined;
    pending.tellAtMs = now + Math.max(slowMs, afterMs);
    return { ...notice, state: "waiting", waitingFor };
  }

  #lookInMs(now: Millis): Millis | undefined {
    const { sticky } = this.#upstream();
    const ages = [...this.#pending.keys()].flatMap((origin) => {
      const { state, orderedMs = 0 } = this.#records.overrideOf(origin);
      // As long as bound sessions go there, only another order changes anything.
      return state === "draining" && sticky !== undefined ? [] : [now - orderedMs];
    });
    if (ages.length === 0) return undefined;
    return Math.min(latestLookMs, Math.max(soonestLookMs, Math.min(...ages) / 20));
  }
}
