/**
 * A region's object: core's `Coordinator` with a root above it, and core's tasks as the Durable Object runs them
 * (`durable-objects/weir-upstream.ts`), whose promises are continuations here.
 */
import type { Need } from "../../../../core/region/region-link.ts";
import type { ExchangeMessage, ExchangeReply } from "../../../../core/protocol/exchange.ts";
import { ObjectTasks, type ObjectTask, type ObjectStep } from "../../../../core/coordinator/object-tasks.ts";
import type { Millis } from "../../../../core/model/upstream.ts";
import type { Answers, Line, Receiver } from "./line.ts";
import type { UpstreamObject } from "./object.ts";

/** What a region needs of the world. */
export interface RegionWorld {
  readonly now: Millis;
  after(delayMs: Millis, action: () => void): void;
  noteMessage(): void;
  noteRows(rows: number): void;
}

const version = { order: 1, hash: "" };

export class RegionObject implements Receiver {
  readonly #object: UpstreamObject;
  readonly #tasks: ObjectTasks;
  readonly #root: Line;
  readonly #world: RegionWorld;
  /** They wait for the end of the exchange with the root that is under way. */
  #joined: (() => void)[] = [];

  constructor(object: UpstreamObject, root: Line, world: RegionWorld) {
    this.#object = object;
    this.#tasks = new ObjectTasks(object);
    this.#root = root;
    this.#world = world;
  }

  receive(message: ExchangeMessage, answers: Answers): void {
    this.#world.noteMessage();
    const isShort = (now: Millis): boolean => this.#object.isShort(message, now);
    const first = this.#tasks.beforeAnswer(isShort, this.#world.now);
    if (first === undefined) return answers.onReply(this.#answer(message));
    this.#carryOut(first, (isWorthIt) => {
      if (isWorthIt) answers.onReply(this.#answer(message));
      else answers.fail();
    });
  }

  #answer(message: ExchangeMessage): ExchangeReply {
    const { now } = this.#world;
    const { reply, rows } = this.#object.exchange(message, now);
    this.#world.noteRows(rows);
    for (const task of this.#tasks.afterAnswer(now)) this.#carryOut(task, () => {});
    return reply;
  }

  #carryOut<Result>(task: ObjectTask<Result>, then: (result: Result) => void): void {
    const { done, value } = task.next(this.#world.now);
    if (done === true) return then(value);
    this.#do(value, () => this.#carryOut(task, then));
  }

  #do(step: ObjectStep, then: () => void): void {
    switch (step.kind) {
      case "wait":
        return this.#world.after(step.forMs, then);
      case "join":
        this.#joined.push(then);
        return;
      case "exchange":
        return this.#tellRoot(step.need, then);
      case "rest":
        this.#world.noteRows(this.#object.rest(this.#world.now));
        return then();
    }
  }

  #tellRoot(need: Need | undefined, then: () => void): void {
    const { regionLink } = this.#object;
    if (regionLink === undefined) throw new TypeError("only a region has a root");
    const sent = regionLink.write(version, this.#world.now, need);
    let isOver = false;
    const lose = (): void => {
      if (isOver) return;
      isOver = true;
      this.#tasks.recordLoss(sent);
      this.#end(then);
    };
    const onReply = (reply: ExchangeReply): void => {
      if (isOver) return;
      isOver = true;
      if (this.#tasks.answered(reply, sent, this.#world.now)) this.#end(then);
      else this.#tellRoot(need, then);
    };
    this.#world.after(regionLink.exchangeMs, lose);
    this.#root.carry(sent.message, { onReply, fail: lose });
  }

  #end(then: () => void): void {
    const joined = this.#joined;
    this.#joined = [];
    then();
    for (const go of joined) go();
  }
}
