/**
 * Failures of one origin, by the clients that met them. What an origin answers may be due to what one client asks for, as often as that
 * client likes. So no client counts for more than all other clients together, and a client alone counts for nothing. Some failures are sure: they
 * count in full, whichever client met them. No client can bring them about, or another origin has answered the same request.
 *
 * The sketch keeps eight clients and lumps the rest together, so that a flood of addresses takes no memory.
 */

/** Clients that are told apart. */
const mostClients = 8;

/** One failure, or one more word about it. */
export interface NotedFailure {
  /** No client can bring it about: there was no connection, or nothing is known of the client. */
  readonly isSure: boolean;
  /** The connection failed, and not the answer. */
  readonly isLost: boolean;
  /** A session or a key had chosen the origin. */
  readonly isBound: boolean;
  /** A number that stands for the client; absent: not known. */
  readonly client: number | undefined;
}

interface OfClient {
  /** All failures of the client, with those that have become sure. */
  met: number;
  all: number;
  bound: number;
}

export class Failures {
  /** Failures that count in full, whichever client met them. */
  sure = 0;
  /** Of the sure ones, those that belong to no client that is known. */
  #unmet = 0;
  /** Of all, so many lost connections. */
  lost = 0;
  /** Of further clients than are told apart; always the smaller part of what matters. */
  readonly #others: OfClient = { met: 0, all: 0, bound: 0 };
  readonly #byClient = new Map<number, OfClient>();

  note({ isSure, isLost, isBound, client }: NotedFailure): void {
    if (isLost) this.lost++;
    if (isSure || client === undefined) {
      this.sure++;
      this.#unmet++;
    } else this.#add(client, { met: 1, all: 1, bound: isBound ? 1 : 0 });
  }

  /** Another origin has answered the request: one of this client's failures becomes sure. */
  confirm(client: number | undefined): void {
    const of = client === undefined ? undefined : (this.#byClient.get(client) ?? this.#others);
    if (of === undefined || of.all === 0) return;
    of.all--;
    of.bound = Math.min(of.bound, of.all);
    this.sure++;
  }

  /** Takes over all of another one's. */
  join(other: Failures): void {
    this.sure += other.sure;
    this.#unmet += other.#unmet;
    this.lost += other.lost;
    for (const [client, of] of other.#byClient) this.#add(client, of);
    increase(this.#others, other.#others);
  }

  #add(client: number, more: OfClient): void {
    let of = this.#byClient.get(client);
    if (of === undefined && this.#byClient.size < mostClients) {
      of = { met: 0, all: 0, bound: 0 };
      this.#byClient.set(client, of);
    }
    increase(of ?? this.#others, more);
  }

  get isNone(): boolean {
    return this.sure === 0 && this.#byClient.size === 0;
  }

  /** How many there are, whatever they count. */
  get total(): number {
    let total = this.sure + this.#others.all;
    for (const { all } of this.#byClient.values()) total += all;
    return total;
  }

  /** How many clients met failures, so far as they are told apart; one more, if there were more. */
  get clients(): number {
    let clients = this.#others.all > 0 ? 1 : 0;
    for (const { all } of this.#byClient.values()) if (all > 0) clients++;
    return clients;
  }

  /** The only client that met failures; `undefined`: there is none, there are several, or it is not known. */
  get onlyClient(): number | undefined {
    const [first, ...more] = this.#byClient.keys();
    return more.length === 0 && this.#unmet === 0 ? first : undefined;
  }

  /** Whether this client met more of them than all other clients together. */
  areMostly(client: number): boolean {
    let met = this.#others.met;
    for (const of of this.#byClient.values()) met += of.met;
    return 2 * (this.#byClient.get(client)?.met ?? 0) > met;
  }

  /** How many count: all sure ones, and of each client no more than of all other clients together. A failure that has become sure still confirms other clients' failures. */
  get weight(): number {
    const all = this.sure + this.#borneOut("all");
    return Math.max(all, this.#unmet + this.#borneOut("met"));
  }

  #borneOut(which: "met" | "all"): number {
    let sum = this.#others[which];
    let most = 0;
    for (const of of this.#byClient.values()) {
      sum += of[which];
      most = Math.max(most, of[which]);
    }
    return Math.min(sum, 2 * (sum - most));
  }

  /** So many count where there is one client only: those of requests that might have gone elsewhere. */
  get unboundWeight(): number {
    let unbound = this.sure + this.#others.all - this.#others.bound;
    for (const { all, bound } of this.#byClient.values()) unbound += all - bound;
    return unbound;
  }
}

function increase(of: OfClient, more: OfClient): void {
  of.met += more.met;
  of.all += more.all;
  of.bound += more.bound;
}
