/**
 * What is measured where home has limits: how full it is, whether a limit is ever exceeded, and what its coordination
 * costs. It looks at the servers themselves, so that it sees what no dispatcher and no coordinator can.
 */
import type { Millis } from "../../core/model/upstream.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Fleet } from "../servers/fleet.ts";
import { MessageCount, type MessageFigures } from "./message-count.ts";

/** Part of a row where all servers at home have `maxConns`. Of the time and the requests that are measured. */
export interface SlotFigures extends MessageFigures {
  /** Open requests at home ÷ its slots, averaged over time. */
  readonly utilisation: number;
  /** Requests sent to a later pool although a server at home had a free slot at that moment, as a share of all. */
  readonly falseSpillShare: number;
  /** The most that were ever open on a server at home beyond its limit, warm-up included. */
  readonly mostOverLimit: number;
  /** Rows that coordinators had to persist, for a thousand requests. */
  readonly rowsPerThousand: number;
  /** How long a request waited before it was first sent, on average. */
  readonly waitMs: Millis;
  /** Messages by coordinator, the root first; absent if there was only one. */
  readonly objects?: readonly ObjectFigures[];
}

export interface ObjectFigures extends MessageFigures {
  /** `root`, or its region's. */
  readonly name: string;
}

export class Slots {
  readonly #fleet: Fleet;
  readonly #from: Millis;
  readonly #until: Millis;
  /** By server: its limit; 0 for servers of later pools. */
  readonly #limits: Int32Array;
  readonly #open: Int32Array;
  readonly #limit: number;
  #openAtHome = 0;
  #openMs = 0;
  #settledAt: Millis = 0;
  #mostOverLimit = 0;
  #falseSpills = 0;
  #sent = 0;
  #waitedMs = 0;
  readonly #messages: MessageCount;
  /** By coordinator: the root, then the regions'. */
  readonly #objects: readonly { readonly name: string; readonly messages: MessageCount }[];
  #hasRegions = false;
  #rows = 0;

  constructor(fleet: Fleet, { servers, regions, warmupMs, measureMs }: Scenario) {
    this.#fleet = fleet;
    this.#from = warmupMs;
    this.#until = warmupMs + measureMs;
    this.#messages = new MessageCount(this.#from, this.#until);
    this.#objects = ["root", ...regions.map(({ name }) => name)].map((name) => ({
      name,
      messages: new MessageCount(this.#from, this.#until),
    }));
    this.#limits = Int32Array.from(servers, ({ pool, maxConns = 0 }) => (pool === 0 ? maxConns : 0));
    this.#open = new Int32Array(servers.length);
    this.#limit = this.#limits.reduce((sum, limit) => sum + limit, 0);
  }

  /** To be called after every event, before the list of touched servers is emptied. */
  updateUse(now: Millis): void {
    if (this.#fleet.touched.length === 0) return;
    this.#settle(now);
    for (const server of this.#fleet.touched) {
      const limit = this.#limits[server]!;
      if (limit === 0) continue;
      const { open } = this.#fleet.machines[server]!.model;
      this.#openAtHome += open - this.#open[server]!;
      this.#open[server] = open;
      if (open - limit > this.#mostOverLimit) this.#mostOverLimit = open - limit;
    }
  }

  /** A measured request is sent for the first time. */
  sent(server: number, waitedMs: Millis): void {
    this.#sent++;
    this.#waitedMs += waitedMs;
    if (this.#limits[server] === 0 && this.#hasRoomAtHome()) this.#falseSpills++;
  }

  /** A message reaches a coordinator: the one there is, or the root (0), or that of a region, from 1. */
  message(object: number, now: Millis): void {
    this.#messages.add(now);
    this.#objects[object]!.messages.add(now);
    this.#hasRegions ||= object > 0;
  }

  /** A coordinator persists so many rows. */
  wrote(rows: number, now: Millis): void {
    if (now >= this.#from && now < this.#until) this.#rows += rows;
  }

  figures(): SlotFigures {
    this.#settle(this.#until);
    const forMs = this.#until - this.#from;
    return {
      utilisation: this.#openMs / (forMs * this.#limit),
      falseSpillShare: this.#sent === 0 ? 0 : this.#falseSpills / this.#sent,
      mostOverLimit: this.#mostOverLimit,
      ...this.#messages.figures(),
      rowsPerThousand: this.#sent === 0 ? 0 : (this.#rows * 1000) / this.#sent,
      waitMs: this.#sent === 0 ? 0 : this.#waitedMs / this.#sent,
      ...(this.#hasRegions && {
        objects: this.#objects.map(({ name, messages }) => ({ name, ...messages.figures() })),
      }),
    };
  }

  #settle(now: Millis): void {
    const from = Math.max(this.#settledAt, this.#from);
    const until = Math.min(now, this.#until);
    if (until > from) this.#openMs += (until - from) * this.#openAtHome;
    this.#settledAt = Math.max(this.#settledAt, now);
  }

  #hasRoomAtHome(): boolean {
    return (
      this.#openAtHome < this.#limit && this.#limits.some((limit, server) => this.#isOpen(server, limit))
    );
  }

  #isOpen(server: number, limit: number): boolean {
    return this.#open[server]! < limit && this.#fleet.machines[server]!.model.up;
  }
}

/** Whether there is anything of this to measure: every server at home has a limit. */
export function hasLimits({ servers }: Scenario): boolean {
  return servers.every(({ pool, maxConns }) => pool > 0 || maxConns !== undefined);
}
