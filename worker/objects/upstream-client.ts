/**
 * This isolate's client of one upstream's object: it carries the messages that `core/holder/leaseholder.ts` writes, and runs
 * the tasks that say when (`core/holder/holder-tasks.ts`).
 *
 * Requests of an isolate share only plain data: on workerd a promise that another request must resolve hangs, a stub that
 * another request made throws, and a timer outside a request never ticks. So every call here takes the request's
 * own bindings and waits on its own timers, and work for later is promised to the request's `waitUntil`.
 */
import { HolderTasks, type HolderTask } from "../../core/holder/holder-tasks.ts";
import type { Answer, AskAgain, Learnt } from "../../core/holder/answer.ts";
import type { SentMessage } from "../../core/holder/exchange-session.ts";
import { Leaseholder } from "../../core/holder/leaseholder.ts";
import type { LinePlace } from "../../core/holder/local-line.ts";
import type { WaitsHere } from "../../core/holder/local-picker.ts";
import type { Slot } from "../../core/holder/open-slots.ts";
import { askAgainInMs, withWait } from "../../core/holder/patience.ts";
import type { Millis } from "../../core/model/upstream.ts";
import type { LocationHint } from "../../core/protocol/object-namespace.ts";
import type { GrantedPick, Queued, Want } from "../../core/protocol/pick.ts";
import type { ActiveUpstream } from "../active-config.ts";
import { Alarm } from "../alarm.ts";
import type { OriginConfig } from "../config/sections/origin.ts";
import type { Env } from "../env.ts";
import { logEvent } from "../telemetry/log-event.ts";
import { HolderCalls } from "./holder-calls.ts";
import { answered } from "../transport/object-exchange.ts";
import { pause, sleep, type RequestIo } from "./request-io.ts";
import { SlotRenewal } from "./slot-renewal.ts";

/** What a request has got, and for how long it was in the queue, if it was. */
export type PickAnswer = (Answer | { readonly kind: "client-gone" }) & {
  readonly queuedMs?: Millis | undefined;
};

/** The ask of this message waits in the object's queue. */
type QueuedAsk = Queued & { readonly sent: SentMessage };

/** A call that waits is made again so often when it is lost. */
const waitCalls = 3;

const chance = { next: (): number => Math.random() };

export class UpstreamClient {
  readonly #upstream: ActiveUpstream;
  /** Told how attempts end, of slots that are closed, and of what is billed: `flush` follows. */
  readonly holder: Leaseholder;
  readonly #tasks: HolderTasks;
  readonly #calls: HolderCalls;

  /** `region`: where the object is that is asked; `undefined`: the upstream's own. */
  constructor(upstream: ActiveUpstream, holder: string, region?: LocationHint) {
    this.#upstream = upstream;
    this.holder = new Leaseholder(upstream.config, holder, chance);
    this.#calls = new HolderCalls(upstream, this.holder, region);
    this.#tasks = new HolderTasks(this.holder, upstream.config.timeouts.exchangeMs);
  }

  /**
   * An origin and a slot on it, which is the caller's until it closes it. Without a promise if the object need not be asked: on the hot
   * path even a settled one costs.
   */
  pick(want: Want, io: RequestIo, now: Millis): PickAnswer | Promise<PickAnswer> {
    const own = this.#pickAlone(want, io, now, {});
    return own.kind === "granted" ? own : this.#pickOn(own, want, io, now);
  }

  /** Asks and waits, from the holder's first word on. */
  async #pickOn(
    first: ReturnType<Leaseholder["pick"]>,
    want: Want,
    io: RequestIo,
    startMs: Millis,
  ): Promise<PickAnswer> {
    let hasAsked = false;
    let place: LinePlace | undefined;
    let isFull: true | undefined;
    let own = first;
    for (let now = startMs; ; now = Date.now(), own = this.#pickAlone(want, io, now, { place, isFull })) {
      if (own.kind === "waits") {
        const ended = await this.#waitHere(own, io, now);
        if (ended !== undefined) return ended;
        place = own.place;
        continue;
      }
      const sinceMs = place?.sinceMs;
      const mayWait = own.kind !== "ask" || own.waits !== false;
      const asked = { ...want, ...(hasAsked && { again: true as const }) };
      const answer =
        own.kind === "ask"
          ? await this.#ask({ ...asked, turn: own.turn }, io, now, { mayWait, sinceMs })
          : own;
      hasAsked ||= own.kind === "ask";
      // The object counts what it does not know to be over: an ask that was given up, what it may have granted before it lost its
      // memory, what was started without it. A request that got a slot by its word says so at the end; for the others no later message may come.
      const isHeard = answer.kind === "granted" && answer.mode !== "fail-static";
      const said = isHeard ? undefined : this.flush(io.env, Date.now());
      if (said !== undefined) io.waitUntil(said);
      if (answer.kind === "client-gone") return answer;
      if (answer.kind === "granted")
        return sinceMs === undefined ? answer : { ...answer, queuedMs: Date.now() - sinceMs };
      const isTurnedAway = answer.kind === "unavailable" && answer.why !== "down";
      if (!mayWait && isTurnedAway && isFull !== true) {
        isFull = true;
        continue;
      }
      const waitedMs = Date.now() - startMs;
      const pauseMs = askAgainInMs(answer, want, waitedMs, this.#upstream.config.queue);
      if (pauseMs === undefined || now + pauseMs >= io.deadlineMs) {
        if (isTurnedAway) this.holder.refused(Date.now());
        return answer;
      }
      if (io.clientSignal().aborted) return { kind: "client-gone" };
      await pause(pauseMs, io);
    }
  }

  /** Waits in the isolate's own line, until it is to come again; an answer if its waiting is over. */
  async #waitHere(
    { place, pauseMs }: WaitsHere,
    io: RequestIo,
    now: Millis,
  ): Promise<PickAnswer | undefined> {
    const isGone = io.clientSignal().aborted;
    if (!isGone && now + pauseMs < io.deadlineMs) {
      await pause(pauseMs, io);
      return undefined;
    }
    this.holder.leaveLine(place);
    return isGone ? { kind: "client-gone" } : { kind: "unavailable", why: "full" };
  }

  /** Without asking, if the holder can. */
  #pickAlone(
    want: Want,
    { env, waitUntil }: RequestIo,
    now: Millis,
    known: Learnt,
  ): ReturnType<Leaseholder["pick"]> {
    const own = this.holder.pick(want, now, known);
    const task = own.kind === "ask" ? undefined : this.#tasks.afterPick(now);
    if (task !== undefined) waitUntil(this.#run(task, env));
    return own;
  }

  /** For a request that goes on. Others rely on a flush that was promised, so it must outlive the request. */
  renewal(slot: Slot, { env, waitUntil }: Pick<RequestIo, "env" | "waitUntil">): SlotRenewal {
    const { maxHoldMs, totalMs } = this.#upstream.config.timeouts;
    return new SlotRenewal(this.holder, slot, Math.min(maxHoldMs, totalMs) / 3, (now) => {
      const flushed = this.flush(env, now);
      if (flushed !== undefined) waitUntil(flushed);
    });
  }

  /** Sees to it that what has changed reaches the object soon: work for `waitUntil`, or `undefined` if there is none. */
  flush(env: Env, now: Millis): Promise<void> | undefined {
    const task = this.#tasks.flush(now);
    return task && this.#run(task, env);
  }

  /** `mayWait`: in the object's queue. `sinceMs`: it has waited here before. */
  async #ask(
    first: Want,
    io: RequestIo,
    startMs: Millis,
    { mayWait, sinceMs }: { readonly mayWait: boolean; readonly sinceMs: Millis | undefined },
  ): Promise<PickAnswer> {
    const { env, alarm, deadlineMs } = io;
    const { queue } = this.#upstream.config;
    let queuedSinceMs: Millis | undefined;
    let want = first;
    for (let now = startMs; ; now = Date.now()) {
      const waitedMs = now - (sinceMs ?? queuedSinceMs ?? now);
      const asked = withWait(want, queue, { mayWait, waitedMs, leftMs: deadlineMs - now });
      const result = await this.#send(env, alarm, now, { want: asked });
      if (result?.kind === "queued") queuedSinceMs ??= Date.now();
      const answer = result?.kind === "queued" ? await this.#wait(result, io) : (result ?? { kind: "lost" });
      // An object that loses its memory again and again is not asked for ever.
      if (answer.kind === "ask") {
        if (Date.now() >= deadlineMs) return { kind: "lost" };
        want = answer.want ?? want;
        continue;
      }
      return queuedSinceMs === undefined ? answer : { ...answer, queuedMs: Date.now() - queuedSinceMs };
    }
  }

  /** Waits with an ask in the object's queue. A request that gives up says so with the next message. */
  async #wait(
    { sent, forMs }: QueuedAsk,
    { env, alarm, clientSignal }: RequestIo,
  ): Promise<PickAnswer | AskAgain> {
    const { config } = this.#upstream;
    // The object says when the time is over, and why there was no slot. If it does not, it is lost.
    const { exchangeMs } = config.timeouts;
    const untilMs = Date.now() + forMs;
    const client = clientSignal();
    for (let calls = 1; ; calls++) {
      try {
        const now = Date.now();
        const leftMs = Math.max(0, untilMs - now);
        const ended = await this.#calls.wait(sent, env, { alarm, exchangeMs, now, forMs: leftMs, client });
        if (ended !== "client-gone") return this.holder.waited(ended.pick, sent, Date.now());
        this.holder.leave(sent);
        return { kind: "client-gone" };
      } catch (error) {
        if (calls < waitCalls && Date.now() < untilMs + exchangeMs) continue;
        logEvent({ event: "exchange-lost", upstream: config.name, detail: String(error) });
        return this.holder.recordLoss(sent, Date.now()) ?? { kind: "lost" };
      } finally {
        alarm.clear();
      }
    }
  }

  /** Begins at once: until then no other request knows that this one runs the task. */
  async #run(task: HolderTask, env: Env): Promise<void> {
    for (let step = task.next(Date.now()); step.done !== true; step = task.next(Date.now())) {
      if (step.value.kind === "wait") await sleep(step.value.forMs);
      else await this.#sendAlone(env, step.value.quiet);
    }
  }

  /** A message that is no request's own. */
  async #sendAlone(env: Env, quiet: boolean): Promise<void> {
    const alarm = new Alarm();
    await this.#send(env, alarm, Date.now(), { quiet });
    alarm.stop();
  }

  /** One message, and what became of its ask; `undefined` if it did not ask. */
  async #send(
    env: Env,
    alarm: Alarm,
    sentMs: Millis,
    facts: { want?: Want; quiet?: boolean },
  ): Promise<Answer | AskAgain | QueuedAsk | undefined> {
    const { config, section } = this.#upstream;
    const sent = this.holder.write(section.version, sentMs, facts);
    try {
      const terms = { alarm, exchangeMs: config.timeouts.exchangeMs, now: sentMs };
      const reply = await answered(terms, () => this.#calls.exchange(env, sent));
      const now = Date.now();
      this.#tasks.answered(reply, sent);
      const queued = this.holder.queued(reply, sent, now);
      return queued === undefined ? this.holder.answered(reply, sent, now) : { ...queued, sent };
    } catch (error) {
      logEvent({ event: "exchange-lost", upstream: config.name, detail: String(error) });
      return this.holder.recordLoss(sent, Date.now());
    } finally {
      alarm.clear();
    }
  }

  /** The origin of a pick; `undefined`: this isolate does not know it, or not yet. */
  originOf(pick: GrantedPick): OriginConfig | undefined {
    return this.#calls.originOf(pick);
  }
}
