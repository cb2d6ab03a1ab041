/** What the object remembers of each holder to decide on its leases: how busy it is, and what it said of its own starts. */
import type { Millis, OriginName } from "../model/upstream.ts";
import { leaseMs } from "../protocol/clocks.ts";
import type { ExchangeMessage } from "../protocol/exchange.ts";
import type { HolderId } from "../protocol/holder-id.ts";
import { HolderPace } from "./pace.ts";

interface Known {
  readonly pace: HolderPace;
  /** Its counts of what it started by itself, as heard last. */
  readonly started: Map<OriginName, number>;
  heardMs: Millis;
}

export interface Heard {
  /** What the holder has started by itself since its last message, by origin. */
  readonly started: ReadonlyMap<OriginName, number>;
  /** That, and what it asks for, each request once. */
  readonly requests: number;
}

export class LeasingHolders {
  readonly #known = new Map<HolderId, Known>();
  #forgetAtMs: Millis = 0;

  /** Those that were heard of late. */
  get size(): number {
    return this.#known.size;
  }

  heard(message: ExchangeMessage, now: Millis): Heard {
    this.#forgetSilent(now);
    const known = this.#knownOf(message, now);
    known.heardMs = now;
    const started = new Map<OriginName, number>();
    let requests = message.want === undefined || message.want.again === true ? 0 : 1;
    for (const { origin, count } of message.started ?? []) {
      const fresh = count - (known.started.get(origin) ?? 0);
      if (fresh <= 0) continue;
      known.started.set(origin, count);
      started.set(origin, fresh);
      requests += fresh;
    }
    known.pace.heard(requests, now);
    return { started, requests };
  }

  /** Whether the holder, which has been heard, has more requests than it had better ask for. */
  isBusy(holder: HolderId): boolean {
    return this.#known.get(holder)?.pace.isLeased ?? false;
  }

  #knownOf({ holder, lease, started = [] }: ExchangeMessage, now: Millis): Known {
    let known = this.#known.get(holder);
    if (known === undefined) {
      known = {
        // One that has a lease got it before this object lost its memory, and goes on with one.
        pace: new HolderPace(lease !== undefined, now),
        started: new Map(started.map(({ origin, count }) => [origin, count])),
        heardMs: now,
      };
      this.#known.set(holder, known);
    }
    return known;
  }

  #forgetSilent(now: Millis): void {
    if (now < this.#forgetAtMs) return;
    this.#forgetAtMs = now + leaseMs;
    for (const [holder, { heardMs }] of this.#known) {
      if (heardMs + leaseMs <= now) this.#known.delete(holder);
    }
  }
}
