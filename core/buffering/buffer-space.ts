/**
 * Space that all clients of an isolate share, in memory or on disk, for bodies that are kept. It is taken as bytes come, so a client that
 * announces much and sends little takes little. While there is room nothing is counted against a client. When there is none, the
 * client that has the most gives way: either it gets no more, or one of its parts that are still coming in is given up for
 * another client. So one client's many slow bodies cost that client its bodies, and no other client (max-min fairness, as in fair
 * queueing: Demers, Keshav, Shenker 1989). Clients are compared by powers of two, which finds the one that has the most without a search.
 *
 * What is taken is a table of parts with deadlines, not a counter: code of a request that the platform has killed does not run,
 * and what it would have given back must come back all the same.
 */
import type { Millis } from "../model/upstream.ts";

/** What one body has taken. Only its space changes it. */
export interface SpacePart {
  bytes: number;
  readonly owner: Owner;
  readonly untilMs: Millis;
  readonly giveWay: (() => void) | undefined;
}

/** A client, while it has something. */
interface Owner {
  readonly name: string;
  bytes: number;
  parts: number;
  /** Those of its parts that may have to give way, the oldest first. */
  readonly coming: Set<SpacePart>;
}

/** Far longer than nearly any request needs its body. */
const longestMs: Millis = 600_000;

/** At most this many clients of about the same size are looked at for a body that is still coming in: the search must not grow with the clients. */
const askedOwners = 32;

export class BufferSpace {
  readonly #maxBytes: number;
  #bytes = 0;
  /** In the order in which they end. */
  readonly #parts = new Set<SpacePart>();
  readonly #owners = new Map<string, Owner>();
  /** The owners by how much they have: those of `2^i` bytes and more are in the set `i`. */
  readonly #ranks: Set<Owner>[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes that are taken. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes the first bytes of a body of this client's; `undefined` if there is no room for them.
   * @param bytes greater than 0.
   * @param giveWay is called when the body is given up while it is coming in, so that its space is another client's: the part is given back
   * by then. Absent: the body does not give way.
   */
  open(client: string, bytes: number, nowMs: Millis, giveWay?: () => void): SpacePart | undefined {
    if (!this.#makeRoom(client, bytes, nowMs)) return undefined;
    const owner = this.#owners.get(client) ?? { name: client, bytes: 0, parts: 0, coming: new Set() };
    const part: SpacePart = { bytes: 0, giveWay, owner, untilMs: nowMs + longestMs };
    this.#owners.set(client, owner);
    this.#parts.add(part);
    owner.parts++;
    if (giveWay !== undefined) owner.coming.add(part);
    this.#add(part, bytes);
    return part;
  }

  /** The body has come in: it gives way no more. */
  settle(part: SpacePart): void {
    part.owner.coming.delete(part);
  }

  /** Takes more for a body; `false` if there is no room, or the part is no longer the caller's. */
  grow(part: SpacePart, bytes: number, nowMs: Millis): boolean {
    if (!this.#parts.has(part) || !this.#makeRoom(part.owner.name, bytes, nowMs)) return false;
    // To make room this very part may have been forgotten.
    if (!this.#parts.has(part)) return false;
    this.#add(part, bytes);
    return true;
  }

  /** Gives a part back. Once is enough; again does no harm. */
  giveBack(part: SpacePart): void {
    if (!this.#parts.delete(part)) return;
    const { owner } = part;
    owner.coming.delete(part);
    this.#add(part, -part.bytes);
    if (--owner.parts === 0) this.#owners.delete(owner.name);
  }

  #makeRoom(client: string, bytes: number, nowMs: Millis): boolean {
    if (bytes > this.#maxBytes) return false;
    if (this.#fits(bytes)) return true;
    this.#forget(nowMs);
    const wanted = (): number => (this.#owners.get(client)?.bytes ?? 0) + bytes;
    while (!this.#fits(bytes)) {
      const part = this.#partThatGivesWay(wanted());
      if (part === undefined) return false;
      const { giveWay } = part;
      this.giveBack(part);
      giveWay?.();
    }
    return true;
  }

  #fits(bytes: number): boolean {
    return this.#bytes + bytes <= this.#maxBytes;
  }

  /** A part, still coming in, of a client that has more than this. */
  #partThatGivesWay(moreThan: number): SpacePart | undefined {
    for (let rank = this.#ranks.length - 1; rank >= rankOf(moreThan); rank--) {
      let asked = 0;
      for (const owner of this.#ranks[rank] ?? []) {
        if (++asked > askedOwners) break;
        if (owner.bytes <= moreThan) continue;
        for (const part of owner.coming) return part;
      }
    }
    return undefined;
  }

  #add(part: SpacePart, bytes: number): void {
    const { owner } = part;
    this.#ranks[rankOf(owner.bytes)]?.delete(owner);
    part.bytes += bytes;
    owner.bytes += bytes;
    this.#bytes += bytes;
    if (owner.bytes > 0) (this.#ranks[rankOf(owner.bytes)] ??= new Set()).add(owner);
  }

  #forget(nowMs: Millis): void {
    for (const part of this.#parts) {
      if (part.untilMs > nowMs) return;
      const { giveWay } = part;
      this.giveBack(part);
      giveWay?.();
    }
  }
}

const rankOf = (bytes: number): number => (bytes < 1 ? 0 : Math.floor(Math.log2(bytes)));
