/**
 * This isolate's client of the objects of rate limits: it asks them what the gates of keys want to know (`core/limits/gate.ts`), and when they
 * cannot be reached it leaves them alone for a while and goes by what this isolate alone has let pass.
 */
import { Reach } from "../../core/holder/reach.ts";
import type { Gate, GateVerdict, KeyOutlook, RateTerms } from "../../core/limits/gate.ts";
import { Gates } from "../../core/limits/gates.ts";
import { keyedHash, type HashSeed } from "../../core/limits/keyed-hash.ts";
import type { KeyHash } from "../../core/limits/key-table.ts";
import type { MaybePromise } from "../../core/protocol/object-namespace.ts";
import type { Millis } from "../../core/model/upstream.ts";
import { limitsRole, type RateAsk, type RateReply } from "../../core/protocol/rate-limits.ts";
import type { Alarm } from "../alarm.ts";
import type { Env } from "../env.ts";
import { logEvent } from "../telemetry/log-event.ts";
import { callRole } from "./role-client.ts";

/** An answer that takes longer is lost: an object that has to be started first takes a part of that. */
const askTimeoutMs: Millis = 1_000;

const chance = { next: (): number => Math.random() };

/** What a request lends to its asks. */
export interface LimitsIo {
  readonly env: Env;
  readonly alarm: Alarm;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** What a limit says of a request; `lost`: its object cannot be reached, and the isolate is not to go on by itself. */
export type Passage = Exclude<GateVerdict, { kind: "ask" | "come-again" }> | { readonly kind: "lost" };

/** A limit, as requests are held to it. */
export interface HeldTo {
  readonly terms: RateTerms;
  readonly onFailure: "allow" | "refuse";
}

interface Call {
  readonly key: KeyHash;
  readonly terms: RateTerms;
  readonly want: number;
  readonly alarm?: Alarm;
}

export class LimitsClient {
  readonly #objects: number;
  readonly #seed: HashSeed;
  readonly #gates = new Gates();
  readonly #reaches: Reach[];

  /** @param objects over how many objects keys are spread. */
  constructor(objects: number, seed: HashSeed) {
    this.#objects = objects;
    this.#seed = seed;
    this.#reaches = Array.from({ length: objects }, () => new Reach());
  }

  /** What stands for the text of a key. */
  keyOf(text: string): KeyHash {
    return keyedHash(text, this.#seed);
  }

  /** Without a promise if no object is asked. */
  pass(key: KeyHash, { terms, onFailure }: HeldTo, io: LimitsIo): MaybePromise<Passage> {
    const now = Date.now();
    const gate = this.#gates.of(key, terms);
    const reach = this.#reachOf(key);
    if (!reach.mayAsk(now)) {
      if (reach.isProbeDue(askTimeoutMs, now)) io.waitUntil(this.#ask(gate, { key, terms, want: 0 }, io.env));
      return onFailure === "allow" ? passageOf(gate.decideAlone(now)) : { kind: "lost" };
    }
    const verdict = gate.decide(now);
    return verdict.kind === "admit" || verdict.kind === "refuse"
      ? verdict
      : this.#settle(gate, verdict, { key, terms, onFailure, now }, io);
  }

  /** What is known of the key here. */
  outlook(key: KeyHash, terms: RateTerms): KeyOutlook {
    return this.#gates.of(key, terms).outlook(Date.now());
  }

  /** Asks, or comes again until another request's ask is answered. */
  async #settle(
    gate: Gate,
    first: GateVerdict,
    { key, terms, onFailure, now }: HeldTo & { readonly key: KeyHash; readonly now: Millis },
    { env, alarm }: LimitsIo,
  ): Promise<Passage> {
    let verdict: GateVerdict | undefined = first;
    while (verdict !== undefined) {
      if (verdict.kind === "ask") {
        verdict = await this.#ask(gate, { key, terms, want: verdict.want, alarm }, env);
      } else if (verdict.kind === "come-again") {
        const { inMs } = verdict;
        await new Promise<void>((resolve) => alarm.set(inMs, resolve));
        const later = Date.now();
        verdict = later < now + askTimeoutMs ? gate.decide(later, true) : undefined;
      } else return verdict;
    }
    return onFailure === "allow" ? passageOf(gate.decideAlone(Date.now())) : { kind: "lost" };
  }

  /** `undefined`: there is no answer. */
  async #ask(gate: Gate, { key, terms, want, alarm }: Call, env: Env): Promise<GateVerdict | undefined> {
    const { isExact, delayMs, ...rate } = terms;
    const how: Pick<RateAsk, "delayMs" | "isLeased"> = isExact
      ? { ...(delayMs > 0 && { delayMs }) }
      : { isLeased: true };
    const message: RateAsk = { key: [key.high, key.low], ...rate, ...how, want };
    const object = `${limitsRole}:${key.high % this.#objects}`;
    const reach = this.#reachOf(key);
    const sentMs = Date.now();
    try {
      const call = { object, message, timeoutMs: askTimeoutMs, ...(alarm && { alarm }) };
      const reply = await callRole<RateReply>(env, call);
      reach.recordAnswer(sentMs);
      return gate.answered(reply, want, sentMs, Date.now());
    } catch (error) {
      if (reach.isGood) logEvent({ event: "role-lost", object, detail: String(error) });
      reach.recordLoss(sentMs, Date.now(), chance);
      gate.lost(want);
      return undefined;
    }
  }

  #reachOf({ high }: KeyHash): Reach {
    const reach = this.#reaches[high % this.#objects];
    if (reach === undefined) throw new Error("every key has an object");
    return reach;
  }
}

/** Alone nothing is asked, and nothing is waited for. */
function passageOf(verdict: GateVerdict): Passage {
  return verdict.kind === "admit"
    ? verdict
    : { kind: "refuse", againInMs: "againInMs" in verdict ? verdict.againInMs : 0 };
}

/**
 * The secret of the keys' hash, which all isolates of a deployment share: of `WEIR_SECRET`, and without one of the deployment's own name, so that keys
 * begin anew with the next deployment.
 */
export async function limitsSeed({ WEIR_SECRET, WEIR_LAUNCH, VERSION }: Env): Promise<HashSeed> {
  const secret = WEIR_SECRET || WEIR_LAUNCH || VERSION?.id || "";
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(`weir rate limits ${secret}`),
  );
  const [first = 0, second = 0] = new Uint32Array(digest);
  return { first, second };
}
