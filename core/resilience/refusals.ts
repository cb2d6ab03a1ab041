/**
 * Claims to be an operator (or an origin of a pool) that were refused, by client: how long the next claim of that client waits before it
 * is looked at, and which refusals are worth a line in the log. Guessing is slowed, also by a client that guesses on many
 * connections at once; claims of other clients do not wait. Like fail2ban and OpenSSH's PerSourcePenalties, but a client is never shut
 * out for longer than it goes on.
 *
 * Bounded in all that a client can drive: the number of clients that are remembered, each by four numbers, and of lines written a minute.
 */
import type { Millis } from "../model/upstream.ts";

/** So many claims of a client are looked at at once. */
const atOnce = 20;
/** Each further one so much later than the one before. */
const everyMs: Millis = 200;
/** A caller that would wait longer is refused without a look. */
const longestWaitMs: Millis = 5_000;
/** A client that claims nothing for so long is forgotten. */
const forgottenAfterMs: Millis = 600_000;
const mostClients = 1_000;

const minuteMs: Millis = 60_000;
const linesPerMinute = 30;

interface Client {
  /** Claims that were looked at, or are to be, and were not good; no more than are looked at at once. */
  looks: number;
  /** When the next one may be looked at, if it is not among the first. */
  nextMs: Millis;
  refused: number;
  seenMs: Millis;
}

/** What a line in the log says of a client's refusals. */
export interface RefusalCount {
  /** The client's, so far. */
  readonly count: number;
  /** Lines, of any client, that were left out since the last one; absent: none. */
  readonly unlogged?: number;
}

export class Refusals {
  /** By how long ago they were seen, the longest first. */
  readonly #clients = new Map<string, Client>();
  #minute = -Infinity;
  #lines = 0;
  #unlogged = 0;

  /** In how long a claim of the client's may be looked at; `undefined`: it is refused without a look. */
  waitMs(name: string, now: Millis): Millis | undefined {
    const client = this.#see(name, now);
    if (client.looks < atOnce) {
      client.looks++;
      return 0;
    }
    const atMs = Math.max(now, client.nextMs);
    if (atMs - now > longestWaitMs) return undefined;
    client.nextMs = atMs + everyMs;
    return atMs - now;
  }

  /** A claim of the client's was good, and does not count. Those that were not do: others may have the same address. */
  admitted(name: string): void {
    const client = this.#clients.get(name);
    if (client !== undefined) client.looks = Math.max(0, client.looks - 1);
  }

  /** One was refused. What the log is to say: of a client's first, tenth, hundredth … */
  refused(name: string, now: Millis): RefusalCount | undefined {
    const client = this.#see(name, now);
    client.refused++;
    if (!Number.isInteger(Math.log10(client.refused))) return undefined;
    const minute = Math.floor(now / minuteMs);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#lines = 0;
    }
    if (this.#lines >= linesPerMinute) {
      this.#unlogged++;
      return undefined;
    }
    this.#lines++;
    const unlogged = this.#unlogged;
    this.#unlogged = 0;
    return { count: client.refused, ...(unlogged > 0 && { unlogged }) };
  }

  #see(name: string, now: Millis): Client {
    const known = this.#clients.get(name);
    this.#clients.delete(name);
    const isKnown = known !== undefined && now - known.seenMs < forgottenAfterMs;
    const client = isKnown ? known : { looks: 0, nextMs: now, refused: 0, seenMs: now };
    client.seenMs = now;
    if (this.#clients.size >= mostClients) {
      for (const oldest of this.#clients.keys()) {
        this.#clients.delete(oldest);
        break;
      }
    }
    this.#clients.set(name, client);
    return client;
  }
}
