/**
 * A fleet in a test tube: holders, the object, and a network between them that loses, repeats, delays and
 * reorders. It knows the truth (which requests are really open), so that every claim of the object can be held
 * against it. One step at a time, driven by a list of choices: the same list gives the same run.
 */
import { Coordinator, type Change, type SavedState } from "../../core/coordinator.ts";
import type { ExchangeMessage, ExchangeReply } from "../../core/leases/exchange.ts";
import type { Slot } from "../../core/leases/holdings.ts";
import { Leaseholder, type Answer, type Letter } from "../../core/leases/leaseholder.ts";
import { seededRandom } from "../../core/random.ts";
import type { Upstream } from "../../core/upstream.ts";

const version = { order: 1, hash: "a" };

interface OpenRequest {
  readonly slot: Slot;
  readonly stream: boolean;
}

class Isolate {
  readonly holder: Leaseholder;
  /** Messages that it still waits for the answers to. */
  readonly letters = new Map<number, Letter>();
  open: OpenRequest[] = [];
  isCutOff = false;

  constructor(upstream: Upstream, name: string, seed: number) {
    this.holder = new Leaseholder(upstream, name, seededRandom(seed));
  }
}

interface Post<T> {
  readonly isolate: Isolate;
  readonly content: T;
}

export type Step =
  | {
      readonly kind: "ask" | "flush" | "quiet" | "kill" | "giveUp" | "cutOff" | "rejoin";
      readonly isolate: number;
    }
  | { readonly kind: "close" | "stream" | "renew"; readonly isolate: number; readonly request: number }
  | { readonly kind: "deliver" | "lose" | "repeat" | "answer" | "loseAnswer"; readonly letter: number }
  | { readonly kind: "evict" | "rest" }
  | { readonly kind: "wait"; readonly ms: number };

export class Fleet {
  readonly upstream: Upstream;
  readonly isolates: Isolate[];
  readonly #random = seededRandom(7);
  readonly #ceilings = new Map<string, Extract<Change, { kind: "ceiling" }>["ceiling"]>();
  #messages: Post<ExchangeMessage>[] = [];
  #replies: Post<{ seq: number; reply: ExchangeReply }>[] = [];
  #born = 0;
  #epoch = 0;
  now = 1_000_000;
  coordinator: Coordinator;
  grants = 0;
  /** Of these, without asking. */
  leased = 0;
  /** Rows the object has written. */
  writes = 0;

  constructor(upstream: Upstream, size: number) {
    this.upstream = upstream;
    this.isolates = Array.from({ length: size }, () => this.#isolate());
    this.coordinator = this.#incarnate();
  }

  /** Requests that are really open on the origin, by the isolates that carry them. */
  trulyOpen(origin: string): number {
    return this.isolates.flatMap(({ open }) => open).filter(({ slot }) => slot.origin === origin).length;
  }

  take(step: Step): void {
    switch (step.kind) {
      case "evict":
        this.coordinator = this.#incarnate();
        return;
      case "rest":
        for (const change of this.coordinator.rest(this.now).changes) {
          if (change.kind === "ceilings-gone") for (const id of change.holders) this.#ceilings.delete(id);
        }
        return;
      case "wait":
        this.now += step.ms;
        // A request ends by its deadline at the latest: the pipeline aborts it.
        for (const isolate of this.isolates) {
          isolate.open = isolate.open.filter(({ slot }) => slot.untilMs > this.now);
        }
        return;
      case "ask":
      case "flush":
      case "quiet":
      case "kill":
      case "giveUp":
      case "cutOff":
      case "rejoin":
        return this.#act(step.kind, pick(this.isolates, step.isolate));
      case "close":
      case "stream":
      case "renew":
        return this.#change(step.kind, pick(this.isolates, step.isolate), step.request);
      case "deliver":
      case "repeat":
      case "lose":
        return this.#carry(step.kind, step.letter);
      case "answer":
      case "loseAnswer":
        return this.#return(step.kind === "answer", step.letter);
    }
  }

  /** Everyone finishes, says so, and is heard. */
  settle(): void {
    for (const isolate of this.isolates) {
      isolate.isCutOff = false;
      for (const letter of isolate.letters.values())
        this.#take(isolate, isolate.holder.lost(letter, this.now));
      isolate.letters.clear();
      for (const { slot } of isolate.open) isolate.holder.close(slot, this.now);
      isolate.open = [];
      this.#send(isolate, isolate.holder.write(version, this.now, { quiet: true }));
    }
    while (this.#messages.length > 0) this.#carry("deliver", 0);
    this.#replies = [];
  }

  #act(
    kind: Extract<Step, { isolate: number; request?: never }>["kind"],
    isolate: Isolate | undefined,
  ): void {
    if (isolate === undefined) return;
    const { holder } = isolate;
    switch (kind) {
      case "ask": {
        const want = { tried: [] };
        const own = holder.pick(want, this.now);
        if (own.kind === "ask") this.#send(isolate, holder.write(version, this.now, { want }));
        else this.#take(isolate, own);
        return;
      }
      case "flush":
        return this.#send(isolate, holder.write(version, this.now));
      case "quiet":
        return this.#send(isolate, holder.write(version, this.now, { quiet: true }));
      case "cutOff":
      case "rejoin":
        isolate.isCutOff = kind === "cutOff";
        return;
      case "kill":
        // Its connections die with it; its name is never used again.
        this.isolates[this.isolates.indexOf(isolate)] = this.#isolate();
        isolate.open = [];
        isolate.letters.clear();
        return;
      case "giveUp": {
        const [letter] = isolate.letters.values();
        if (letter === undefined) return;
        isolate.letters.delete(letter.message.seq);
        this.#take(isolate, holder.lost(letter, this.now));
      }
    }
  }

  #change(kind: "close" | "stream" | "renew", isolate: Isolate | undefined, index: number): void {
    const request = isolate === undefined ? undefined : pick(isolate.open, index);
    if (isolate === undefined || request === undefined) return;
    if (kind === "close") {
      isolate.open = isolate.open.filter((other) => other !== request);
      isolate.holder.close(request.slot, this.now);
    } else if (kind === "stream" || request.stream) {
      // Only what the object is told at once may be relied on: a renewal counts from when it is heard.
      if (isolate.isCutOff) return;
      isolate.open = isolate.open.map((other) => (other === request ? { ...other, stream: true } : other));
      isolate.holder.extend(request.slot, this.now);
      const letter = isolate.holder.write(version, this.now);
      isolate.letters.set(letter.message.seq, letter);
      this.#exchange({ isolate, content: letter.message });
    }
  }

  #carry(kind: "deliver" | "repeat" | "lose", index: number): void {
    const letter = pick(this.#messages, index);
    if (letter === undefined) return;
    if (kind !== "repeat") this.#messages = this.#messages.filter((other) => other !== letter);
    if (kind !== "lose" && !letter.isolate.isCutOff) this.#exchange(letter);
  }

  #exchange(letter: Post<ExchangeMessage>): void {
    const { isolate, content } = letter;
    const { reply, changes } = this.coordinator.exchange(content, this.now, this.#random);
    for (const change of changes) {
      this.writes++;
      if (change.kind === "ceiling") this.#ceilings.set(change.ceiling.holder, change.ceiling);
    }
    this.#replies.push({ isolate, content: { seq: content.seq, reply } });
  }

  #return(heard: boolean, index: number): void {
    const letter = pick(this.#replies, index);
    if (letter === undefined) return;
    this.#replies = this.#replies.filter((other) => other !== letter);
    const { isolate, content } = letter;
    if (!heard || isolate.isCutOff || !this.isolates.includes(isolate)) return;
    const sent = isolate.letters.get(content.seq);
    if (sent === undefined) return;
    isolate.letters.delete(content.seq);
    isolate.holder.hear(content.reply, sent);
    const answer = isolate.holder.answered(content.reply, sent, this.now);
    if (answer?.kind === "ask") this.take({ kind: "ask", isolate: this.isolates.indexOf(isolate) });
    else this.#take(isolate, answer);
  }

  #take(isolate: Isolate, answer: Answer | undefined): void {
    if (answer?.kind !== "granted") return;
    if (answer.slot.untilMs <= this.now) return isolate.holder.close(answer.slot, this.now);
    if (answer.mode === "leased") this.leased++;
    this.grants++;
    isolate.open.push({ slot: answer.slot, stream: false });
  }

  #send(isolate: Isolate, letter: Letter): void {
    isolate.letters.set(letter.message.seq, letter);
    this.#messages.push({ isolate, content: letter.message });
  }

  #isolate(): Isolate {
    return new Isolate(this.upstream, `isolate-${++this.#born}`, this.#born);
  }

  #incarnate(): Coordinator {
    const saved: SavedState = {
      epoch: ++this.#epoch,
      ceilings: [...this.#ceilings.values()],
      health: new Map(),
      overrides: new Map(),
      sessions: [],
    };
    return new Coordinator(this.upstream, saved, this.now);
  }
}

function pick<T>(list: readonly T[], index: number): T | undefined {
  return list.length === 0 ? undefined : list[index % list.length];
}
