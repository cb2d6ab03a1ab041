/**
 * One holder's word: an isolate or a region whose own way to the origins is broken tells of failures everywhere. If most origins of a
 * pool fail as one holder sees them, while all others together see the same origins well, it is the way that fails, and what that holder
 * tells of failures is set aside. (Large fleets know this as a partial partition; Google's SRE book, chapter 20, warns of judging a
 * backend from one client's view.)
 *
 * Bounded: holders that have not been heard for longest are forgotten.
 */
import type { Millis, OriginName, Pool, PoolName } from "../../model/upstream.ts";
import type { HolderId } from "../../protocol/exchange.ts";

const mostHolders = 256;

/** Evidence counts for this long, and for as long again. */
const halfMs: Millis = 15_000;

/** Failures of an origin that make it one that fails for a holder. */
const leastFailed = 2;

/** Good answers of an origin that others must have had. */
const leastGood = 5;

export interface WordSetAside {
  readonly holder: HolderId;
  readonly pool: PoolName;
  readonly origins: readonly OriginName[];
}

export interface Told {
  readonly holder: HolderId;
  readonly origin: OriginName;
  readonly good: number;
  readonly failed: number;
}

interface Count {
  good: number;
  failed: number;
}

/** Counts by origin, of this half and the one before. */
class Counts {
  #half = -1;
  #now = new Map<OriginName, Count>();
  #before = new Map<OriginName, Count>();
  /** It was logged while these counts go on. */
  isLogged = false;

  add({ origin, good, failed }: Told, now: Millis): void {
    this.#turn(now);
    const count = this.#now.get(origin) ?? { good: 0, failed: 0 };
    count.good += good;
    count.failed += failed;
    this.#now.set(origin, count);
  }

  of(origin: OriginName, now: Millis): Count {
    this.#turn(now);
    const [a, b] = [this.#now.get(origin), this.#before.get(origin)];
    return { good: (a?.good ?? 0) + (b?.good ?? 0), failed: (a?.failed ?? 0) + (b?.failed ?? 0) };
  }

  #turn(now: Millis): void {
    const half = Math.floor(now / halfMs);
    if (half === this.#half) return;
    this.#before = half === this.#half + 1 ? this.#now : new Map();
    if (half !== this.#half + 1) this.isLogged = false;
    this.#now = new Map();
    this.#half = half;
  }
}

export class HolderWords {
  readonly #byHolder = new Map<HolderId, Counts>();
  readonly #all = new Counts();
  #news: WordSetAside[] = [];

  note(told: Told, now: Millis): void {
    this.#all.add(told, now);
    this.#countsOf(told.holder).add(told, now);
  }

  /** Whether what the holder tells of failures of the origin is due to the holder itself. */
  isSetAside(holder: HolderId, origin: OriginName, pool: Pool, now: Millis): boolean {
    const counts = this.#countsOf(holder);
    const failing = pool.origins.filter(({ name }) => {
      const { good, failed } = counts.of(name, now);
      return failed >= leastFailed && failed > good;
    });
    if (failing.length < 2 || 2 * failing.length <= pool.origins.length) {
      counts.isLogged = false;
      return false;
    }
    const isWell = ({ name }: { readonly name: OriginName }): boolean =>
      this.#isWellElsewhere(name, counts, now);
    if (!isWell({ name: origin }) || 2 * failing.filter(isWell).length <= pool.origins.length) return false;
    if (!counts.isLogged) {
      counts.isLogged = true;
      this.#news.push({ holder, pool: pool.name, origins: failing.map(({ name }) => name) });
    }
    return true;
  }

  /** What is to be logged since this was asked last. */
  take(): readonly WordSetAside[] {
    if (this.#news.length === 0) return [];
    const news = this.#news;
    this.#news = [];
    return news;
  }

  #isWellElsewhere(origin: OriginName, holder: Counts, now: Millis): boolean {
    const all = this.#all.of(origin, now);
    const own = holder.of(origin, now);
    const [good, failed] = [all.good - own.good, all.failed - own.failed];
    return good >= leastGood && 5 * failed <= good;
  }

  /** The holder's, which is then the one that was heard last. */
  #countsOf(holder: HolderId): Counts {
    const counts = this.#byHolder.get(holder) ?? new Counts();
    this.#byHolder.delete(holder);
    this.#byHolder.set(holder, counts);
    if (this.#byHolder.size > mostHolders) {
      for (const oldest of this.#byHolder.keys()) {
        this.#byHolder.delete(oldest);
        break;
      }
    }
    return counts;
  }
}
