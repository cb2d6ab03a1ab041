/**
 * Home as a whole, as the upstream's own object sees it: whether it is in a burst or has room for sessions that live elsewhere
 * (`burst/`), what it can do, where that is found out (`capacity/`), and how many instances are to stand beside it (`autoscale/`). Each of them is there if the config asks for
 * it. A region's object has none: only the root hears of all requests.
 */
import { autoscalerOf, type Autoscaler } from "../autoscale/autoscaler.ts";
import { watchBurst, type BurstWatch, observeEveryMs } from "../burst/burst-watch.ts";
import { homeUtilisation } from "../burst/home-load.ts";
import { homeCapacityOf, type HomeCapacity } from "../capacity/home-capacity.ts";
import { doubtfulSlots } from "../ledger/doubtful.ts";
import type { SlotLedger } from "../ledger/slot-ledger.ts";
import type { Millis, OriginName, Upstream } from "../model/upstream.ts";
import { hasRoomAfterHome, type LaterView } from "../placement/spill.ts";
import type { OutcomeRun } from "../protocol/outcome.ts";
import type { SessionReturn } from "../protocol/lease.ts";
import type { RequestQueue } from "../queue/request-queue.ts";
import { slotsInService } from "../selection/eligible.ts";
import { HomeRoom } from "../sessions/home-room.ts";
import type { Outbox } from "./outbox.ts";
import { rows } from "./rows.ts";
import type { SavedState } from "./saved-state.ts";

/** Where what is seen of home comes from, and where what it comes to goes. */
export interface HomeSources {
  readonly view: LaterView;
  readonly ledger: SlotLedger;
  readonly queue: RequestQueue;
  readonly outbox: Outbox;
}

export class Home {
  readonly #sources: HomeSources;
  #upstream: Upstream;
  #burst: BurstWatch | undefined;
  /** Absent where no session is moved. */
  #room: HomeRoom | undefined;
  #moved = 0;
  #capacity: HomeCapacity | undefined;
  #autoscaler: Autoscaler | undefined;

  constructor(upstream: Upstream, saved: SavedState, sources: HomeSources, now: Millis) {
    this.#sources = sources;
    this.#upstream = upstream;
    this.#burst = watchBurst(upstream, now, { saved: saved.burst });
    this.#room = movesSessions(upstream) ? new HomeRoom() : undefined;
    this.#capacity = homeCapacityOf(upstream, now, { saved: saved.capacity });
    this.#autoscaler = autoscalerOf(upstream, { scale: saved.order?.order, season: saved.season });
  }

  reconfigure(upstream: Upstream, now: Millis): void {
    this.#upstream = upstream;
    this.#burst = watchBurst(upstream, now, { before: this.#burst });
    this.#room = movesSessions(upstream) ? (this.#room ?? new HomeRoom()) : undefined;
    this.#capacity = homeCapacityOf(upstream, now, { before: this.#capacity });
    this.#autoscaler = autoscalerOf(upstream, this.#autoscaler);
  }

  get burst(): BurstWatch | undefined {
    return this.#burst;
  }

  get capacity(): HomeCapacity | undefined {
    return this.#capacity;
  }

  /** Looks at home, before a message or a round of probes is taken in. */
  observeHome(at: "message" | "probes", now: Millis): void {
    const { view, ledger, queue, outbox } = this.#sources;
    if (at === "message") this.#capacity?.recordInFlight((origin) => ledger.totals.inUse(origin));
    this.#observeRoom(at, now);
    if (this.#burst === undefined) return;
    const queueLoad = () => queue.load(this.#upstream.pools[0], view);
    const doubtful = () => this.#doubtful(now);
    const seen = { statusOf: view.statusOf, doubtful, queue: queueLoad };
    const { record, transition } = this.#burst.observeHome(seen, at, now);
    if (record !== undefined) outbox.put(rows.burst, record);
    if (transition !== undefined)
      outbox.log({ event: "burst", upstream: this.#upstream.name, ...transition });
  }

  #observeRoom(at: "message" | "probes", now: Millis): void {
    const { view, queue } = this.#sources;
    const lastMs = this.#room?.observedMs ?? -Infinity;
    if (this.#room === undefined || (at === "message" && Math.abs(now - lastMs) < observeEveryMs)) return;
    const origins = this.#upstream.pools[0]?.origins ?? [];
    const utilisation = homeUtilisation(origins, view.statusOf, this.#doubtful(now));
    this.#room.recordUse({ utilisation, queued: queue.length }, now);
  }

  /** Slots that count as in use though perhaps no holder has them: by origin. */
  #doubtful(now: Millis): ReadonlyMap<OriginName, number> {
    const { ledger } = this.#sources;
    ledger.prune(now);
    return doubtfulSlots(ledger, undefined, now);
  }

  /** A session was brought home. */
  moved(): void {
    this.#moved += 1;
    this.#burst?.moved();
  }

  /** Sessions that were brought home in this life of the object; `undefined`: none is moved. */
  get sessionsMoved(): number | undefined {
    return this.#room === undefined && this.#burst === undefined ? undefined : this.#moved;
  }

  /** Attempts have ended so. */
  recordOutcomes(run: OutcomeRun, now: Millis): void {
    this.#burst?.recordOutcomes(run, now);
    this.#capacity?.recordOutcomes(run, now, () =>
      hasRoomAfterHome(this.#upstream.pools, this.#sources.view),
    );
  }

  /** So many requests have come. */
  arrived(requests: number, now: Millis): void {
    this.#autoscaler?.arrived(requests, now);
  }

  /** Has what was found out persisted, and told. */
  post(now: Millis): void {
    const { outbox } = this.#sources;
    const origins = this.#capacity?.takeRecord(now);
    if (origins !== undefined) {
      outbox.put(rows.capacity, origins);
      outbox.log({ event: "capacity", upstream: this.#upstream.name, origins });
    }
    for (const [name, record] of this.#autoscaler?.takeSeason(now) ?? [])
      outbox.put(rows.season.of(name), record);
  }

  /** Orders instances of the burst pool, if it should have others than it has. */
  scale(now: Millis): void {
    const { view, queue, outbox } = this.#sources;
    const [home] = this.#upstream.pools;
    const homeSlots = (): number => (home === undefined ? 0 : slotsInService(home, view.statusOf));
    const scaled = this.#autoscaler?.decide(
      () => ({ homeSlots: homeSlots(), serviceMs: queue.serviceMs }),
      now,
    );
    if (scaled === undefined) return;
    const { order, evidence } = scaled;
    outbox.put(rows.order, { order, evidence, orderedMs: now, accepted: false });
    outbox.log({ event: "scale", upstream: this.#upstream.name, ...order, evidence });
  }

  /** It has instances that may not be needed any more. */
  get isScaledUp(): boolean {
    return this.#autoscaler?.isScaledUp === true;
  }

  /** Which sessions come home now: all that home has room for; after a burst, first the sessions that began before its end. */
  sessionReturn(now: Millis): SessionReturn | undefined {
    const byRoom = this.#room?.sessionReturn(now);
    if (this.#burst === undefined) return byRoom;
    const afterBurst = this.#burst.sessionReturn(now);
    if (!this.#burst.isAtEase) return afterBurst;
    return byRoom?.share === 1 ? byRoom : (afterBurst ?? byRoom);
  }
}

/** Whether there is somewhere to be moved home from, and sessions that may be. */
const movesSessions = ({ pools, sticky }: Upstream): boolean =>
  pools.length > 1 && sticky?.homecoming === true;
