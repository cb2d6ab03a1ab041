/**
 * One isolate: core's `Leaseholder` and its tasks, as in the Worker (`worker/objects/upstream-client.ts`), whose
 * promises are continuations here.
 */
import { HolderTasks, type HolderTask } from "../../../../core/holder/holder-tasks.ts";
import type { Answer, AskAgain, Learnt } from "../../../../core/holder/answer.ts";
import type { SentMessage } from "../../../../core/holder/exchange-session.ts";
import { Leaseholder } from "../../../../core/holder/leaseholder.ts";
import type { Slot } from "../../../../core/holder/open-slots.ts";
import { askAgainInMs, withWait } from "../../../../core/holder/patience.ts";
import type { Random } from "../../../../core/model/random.ts";
import type { Millis, Upstream } from "../../../../core/model/upstream.ts";
import type { ExchangeReply } from "../../../../core/protocol/exchange.ts";
import type { Outcome } from "../../../../core/protocol/outcome.ts";
import type { Want } from "../../../../core/protocol/pick.ts";
import type { Line } from "./line.ts";

/** What an isolate needs of the world. */
export interface World {
  readonly now: Millis;
  readonly random: Random;
  after(delayMs: Millis, action: () => void): void;
}

/** When the end of a request is told: with an exchange that comes soon enough anyway, or always by itself. */
export type Completions = "ride" | "alone";

export interface IsolateOptions {
  readonly world: World;
  readonly line: Line;
  readonly completions?: Completions;
}

const version = { order: 1, hash: "" };

export class Isolate {
  readonly #upstream: Upstream;
  readonly #holder: Leaseholder;
  readonly #world: World;
  readonly #line: Line;
  readonly #completions: Completions;
  readonly #tasks: HolderTasks;
  #isAlive = true;

  /** `line`: to the object that it asks. */
  constructor(upstream: Upstream, name: string, { world, line, completions = "ride" }: IsolateOptions) {
    this.#upstream = upstream;
    this.#holder = new Leaseholder(upstream, name, world.random);
    this.#tasks = new HolderTasks(this.#holder, upstream.timeouts.exchangeMs);
    this.#world = world;
    this.#line = line;
    this.#completions = completions;
  }

  /** Its memory is lost, and with it whatever it was about to do. */
  die(): void {
    this.#isAlive = false;
  }

  /** An origin and a slot on it, now or later. */
  pick(
    want: Want,
    onAnswer: (answer: Answer) => void,
    sinceMs = this.#world.now,
    waiting: Learnt = {},
  ): void {
    const { now } = this.#world;
    const own = this.#holder.pick(want, now, waiting);
    if (own.kind === "waits") {
      this.#run(this.#tasks.afterPick(now));
      const { place, pauseMs } = own;
      return this.#after(pauseMs, () => this.pick(want, onAnswer, sinceMs, { ...waiting, place }));
    }
    const mayWait = own.kind !== "ask" || own.waits !== false;
    const answerOrAskAgain = (answer: Answer): void => {
      const { queue } = this.#upstream;
      const isRefused = answer.kind === "unavailable" && answer.why !== "down";
      if (!mayWait && isRefused && waiting.isFull !== true)
        return this.pick({ ...want, again: true }, onAnswer, sinceMs, { ...waiting, isFull: true });
      const pauseMs = askAgainInMs(answer, want, this.#world.now - sinceMs, queue);
      if (pauseMs === undefined && isRefused) this.#holder.refused(this.#world.now);
      if (pauseMs === undefined) onAnswer(answer);
      else this.#after(pauseMs, () => this.pick({ ...want, again: true }, onAnswer, sinceMs));
    };
    if (own.kind === "ask")
      return this.#ask({ ...want, turn: own.turn }, answerOrAskAgain, {
        mayWait,
        sinceMs: waiting.place?.sinceMs ?? now,
      });
    this.#run(this.#tasks.afterPick(now));
    answerOrAskAgain(own);
  }

  /** A request is done with its slot; `outcome` is absent if it says nothing of the origin. */
  close(slot: Slot, outcome?: Outcome): void {
    if (outcome !== undefined) this.#holder.recordOutcome(outcome, this.#world.now);
    this.#holder.close(slot, this.#world.now);
    this.#flush();
  }

  /** A request that failed elsewhere was answered: one more word about that. */
  confirm(outcome: Outcome): void {
    this.#holder.recordOutcome(outcome, this.#world.now);
  }

  #flush(): void {
    const { isLeased, isReached, hasUnsaid } = this.#holder;
    const isAlone = this.#completions === "alone" && !isLeased && isReached;
    if (isAlone && hasUnsaid) this.#send({}, () => {});
    else this.#run(this.#tasks.flush(this.#world.now));
  }

  /** `mayWait`: in the object's queue. `sinceMs`: it has waited since then. */
  #ask(
    want: Want,
    onAnswer: (answer: Answer) => void,
    line: { readonly mayWait: boolean; readonly sinceMs: Millis },
  ): void {
    const { queue } = this.#upstream;
    const waitedMs = this.#world.now - line.sinceMs;
    const asked = withWait(want, queue, { mayWait: line.mayWait, waitedMs, leftMs: Infinity });
    this.#send({ want: asked }, (answer) => {
      if (answer?.kind === "ask") this.#ask(answer.want ?? want, onAnswer, line);
      else onAnswer(answer ?? { kind: "lost" });
    });
  }

  #run(task: HolderTask | undefined): void {
    const step = task?.next(this.#world.now);
    if (step === undefined || step.done === true) return;
    const { value } = step;
    if (value.kind === "wait") this.#after(value.forMs, () => this.#run(task));
    else this.#send({ quiet: value.quiet }, () => this.#run(task));
  }

  #send(
    facts: { want?: Want; quiet?: boolean },
    then: (answer: Answer | AskAgain | undefined) => void,
  ): void {
    const sent = this.#holder.write(version, this.#world.now, facts);
    let isOver = false;
    const lose = (): void => {
      if (!this.#isAlive || isOver) return;
      isOver = true;
      then(this.#holder.recordLoss(sent, this.#world.now));
    };
    const onReply = (reply: ExchangeReply): void => {
      if (!this.#isAlive) return;
      this.#holder.recordReply(reply, sent);
      if (isOver) return;
      isOver = true;
      this.#tasks.answered(reply, sent);
      const queued = this.#holder.queued(reply, sent, this.#world.now);
      if (queued !== undefined) return this.#wait(sent, queued.forMs, then);
      then(this.#holder.answered(reply, sent, this.#world.now));
    };
    this.#world.after(this.#upstream.timeouts.exchangeMs, lose);
    this.#line.carry(sent.message, { onReply, fail: lose });
  }

  /** The ask of the message is in the queue, for so long at most. A call that is lost is made again. */
  #wait(sent: SentMessage, forMs: Millis, then: (answer: Answer | AskAgain | undefined) => void): void {
    const untilMs = this.#world.now + forMs + this.#upstream.timeouts.exchangeMs;
    let isOver = false;
    const end = (answer: () => Answer | AskAgain | undefined): void => {
      if (!this.#isAlive || isOver) return;
      isOver = true;
      then(answer());
    };
    this.#world.after(untilMs - this.#world.now, () =>
      end(() => this.#holder.recordLoss(sent, this.#world.now)),
    );
    this.#line.wait(sent.message, (pick) => end(() => this.#holder.waited(pick, sent, this.#world.now)));
  }

  #after(delayMs: Millis, action: () => void): void {
    this.#world.after(delayMs, () => {
      if (this.#isAlive) action();
    });
  }
}
