/**
 * This isolate's client of the objects of limits on requests that are open at a time (`core/limits/hold-gate.ts`). The objects are those of rate limits.
 */
import type { Holding } from "../../core/clients/held.ts";
import { Reach } from "../../core/holder/reach.ts";
import { HoldGate, renewedEveryMs, type HoldWords } from "../../core/limits/hold-gate.ts";
import type { KeyHash } from "../../core/limits/key-table.ts";
import { Recent } from "../../core/limits/recent.ts";
import type { Millis } from "../../core/model/upstream.ts";
import type { HoldAsk, HoldReply } from "../../core/protocol/concurrency.ts";
import type { MaybePromise } from "../../core/protocol/object-namespace.ts";
import { limitsRole } from "../../core/protocol/rate-limits.ts";
import type { Alarm } from "../alarm.ts";
import type { Env } from "../env.ts";
import { logEvent } from "../telemetry/log-event.ts";
import { callRole } from "./role-client.ts";
import { sleep } from "./request-io.ts";

const askTimeoutMs: Millis = 1_000;
/** What a request has left is kept for so long, for the next one. */
const keptMs: Millis = 500;
const mostGates = 16_384;

const chance = { next: (): number => Math.random() };

/** A limit, as requests are held to it. */
export interface HeldAtATime {
  readonly most: number;
  readonly onFailure: "allow" | "refuse";
}

/** What a request lends to its messages. */
interface HoldsIo {
  readonly env: Env;
  readonly alarm: Alarm;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** A request's place, until it is left. */
export interface HeldPlace {
  leave(io: Pick<HoldsIo, "env" | "waitUntil">): void;
}

/** A place; none: others have all of them; `lost`: the object cannot be reached, and the isolate is not to go on by itself. */
export type HoldEntry = HeldPlace | "full" | "lost";

interface KeyLine {
  readonly key: KeyHash;
  readonly most: number;
  readonly gate: HoldGate;
  /** Until then a request will tell the object what has ended. */
  toldByMs: Millis;
}

export class HoldsClient {
  readonly #objects: number;
  /** This isolate's name. */
  readonly #holder: string;
  readonly #lines = new Recent<KeyLine>(mostGates);
  readonly #reaches: readonly Reach[];

  /** @param objects over how many objects keys are spread. */
  constructor(objects: number, holder: string) {
    this.#objects = objects;
    this.#holder = holder;
    this.#reaches = Array.from({ length: objects }, () => new Reach());
  }

  /**
   * A place for one more request of the key. Without a promise if the object is not asked.
   * @param term when the request is over at the latest.
   */
  enter(
    key: KeyHash,
    { most, onFailure }: HeldAtATime,
    term: Holding["term"],
    io: HoldsIo,
  ): MaybePromise<HoldEntry> {
    const line = this.#lineOf(key, most);
    const now = Date.now();
    const here = line.gate.take(term, now);
    if (here !== undefined) return this.#placeOf(line, here, io);
    const reach = this.#reachOf(key);
    const alone = (): HoldEntry => {
      const holding = onFailure === "allow" ? line.gate.takeAlone(term, Date.now()) : "lost";
      return holding === "lost" ? "lost" : holding === undefined ? "full" : this.#placeOf(line, holding, io);
    };
    if (!reach.mayAsk(now) && !reach.isProbeDue(askTimeoutMs, now)) return alone();
    const ask = line.gate.ask(now + askTimeoutMs, now);
    if (ask === undefined) return "full";
    return this.#tell(line, ask.words, io.env, io.alarm).then((isHeard) => {
      line.gate.asked(ask.asking);
      if (!isHeard) return alone();
      const holding = line.gate.take(term, Date.now());
      return holding === undefined ? "full" : this.#placeOf(line, holding, io);
    });
  }

  #placeOf(
    line: KeyLine,
    holding: Holding,
    { env, waitUntil }: Pick<HoldsIo, "env" | "waitUntil">,
  ): HeldPlace {
    const timer = setInterval(() => waitUntil(this.#tellNews(line, env)), renewedEveryMs);
    return {
      leave: (io) => {
        clearInterval(timer);
        line.gate.giveBack(holding);
        const now = Date.now();
        if (now < line.toldByMs) return;
        line.toldByMs = now + keptMs;
        io.waitUntil(sleep(keptMs).then(() => this.#tellNews(line, io.env)));
      },
    };
  }

  async #tellNews(line: KeyLine, env: Env): Promise<void> {
    const words = line.gate.news(Date.now());
    if (words !== undefined) await this.#tell(line, words, env);
  }

  /** Whether there was an answer. */
  async #tell({ key, most, gate }: KeyLine, words: HoldWords, env: Env, alarm?: Alarm): Promise<boolean> {
    const { nth, open, want } = words;
    const message: HoldAsk = {
      kind: "hold",
      key: [key.high, key.low],
      most,
      holder: this.#holder,
      nth,
      open,
      want,
    };
    const object = `${limitsRole}:${key.high % this.#objects}`;
    const reach = this.#reachOf(key);
    const sentMs = Date.now();
    try {
      const call = { object, message, timeoutMs: askTimeoutMs, ...(alarm && { alarm }) };
      gate.answered(await callRole<HoldReply>(env, call), words, sentMs, Date.now());
      reach.recordAnswer(sentMs);
      return true;
    } catch (error) {
      if (reach.isGood) logEvent({ event: "role-lost", object, detail: String(error) });
      reach.recordLoss(sentMs, Date.now(), chance);
      return false;
    }
  }

  #lineOf(key: KeyHash, most: number): KeyLine {
    const name = `${key.high} ${key.low}`;
    let line = this.#lines.get(name);
    if (line === undefined) {
      line = { key, most, gate: new HoldGate(most), toldByMs: -Infinity };
      this.#lines.set(name, line);
    }
    return line;
  }

  #reachOf({ high }: KeyHash): Reach {
    const reach = this.#reaches[high % this.#objects];
    if (reach === undefined) throw new Error("every key has an object");
    return reach;
  }
}
