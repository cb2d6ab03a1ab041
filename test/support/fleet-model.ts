/**
 * A fleet in a test tube: holders, the object, and a network between them that loses, repeats, delays and
 * reorders. It knows the truth (which requests are really open), so that every claim of the object can be held
 * against it. One step at a time, driven by a list of choices: the same list gives the same run.
 */
import { Coordinator, type Change, type SavedState } from "../../core/coordinator.ts";
import type { ExchangeMessage, ExchangeReply } from "../../core/leases/exchange.ts";
import { Holdings, type Slot } from "../../core/leases/holdings.ts";
import { seededRandom } from "../../core/random.ts";
import type { Upstream } from "../../core/upstream.ts";

const version = { order: 1, hash: "a" };
const askForMs = 5_000;

interface OpenRequest {
  readonly slot: Slot;
  readonly stream: boolean;
}

class Isolate {
  readonly holdings: Holdings;
  readonly asks = new Map<number, number>();
  open: OpenRequest[] = [];

  constructor(name: string) {
    this.holdings = new Holdings(name);
  }
}

interface Letter<T> {
  readonly isolate: Isolate;
  readonly content: T;
}

export type Step =
  | { readonly kind: "ask" | "flush" | "kill" | "giveUp"; readonly isolate: number }
  | { readonly kind: "close" | "stream" | "renew"; readonly isolate: number; readonly request: number }
  | { readonly kind: "deliver" | "lose" | "repeat" | "answer" | "loseAnswer"; readonly letter: number }
  | { readonly kind: "evict" | "rest" }
  | { readonly kind: "wait"; readonly ms: number };

export class Fleet {
  readonly upstream: Upstream;
  readonly isolates: Isolate[];
  readonly #random = seededRandom(7);
  readonly #ceilings = new Map<string, Extract<Change, { kind: "ceiling" }>["ceiling"]>();
  #messages: Letter<ExchangeMessage>[] = [];
  #replies: Letter<{ ask: number; reply: ExchangeReply }>[] = [];
  #born = 0;
  #epoch = 0;
  now = 1_000_000;
  coordinator: Coordinator;
  grants = 0;
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
      case "kill":
      case "giveUp":
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
      for (const ask of isolate.asks.keys()) isolate.holdings.giveUp(ask);
      for (const { slot } of isolate.open) isolate.holdings.close(slot);
      isolate.open = [];
      this.#send(isolate, isolate.holdings.message(version, this.now));
    }
    while (this.#messages.length > 0) this.#carry("deliver", 0);
    this.#replies = [];
  }

  #act(kind: "ask" | "flush" | "kill" | "giveUp", isolate: Isolate | undefined): void {
    if (isolate === undefined) return;
    switch (kind) {
      case "ask": {
        const want = { tried: [] };
        const ask = { want, untilMs: this.now + askForMs };
        const message = isolate.holdings.message(version, this.now, ask);
        isolate.asks.set(message.seq, this.now);
        return this.#send(isolate, message);
      }
      case "flush":
        return this.#send(isolate, isolate.holdings.message(version, this.now));
      case "kill":
        // Its connections die with it; its name is never used again.
        this.isolates[this.isolates.indexOf(isolate)] = this.#isolate();
        isolate.open = [];
        isolate.asks.clear();
        return;
      case "giveUp": {
        const [ask] = isolate.asks.keys();
        if (ask === undefined) return;
        isolate.asks.delete(ask);
        isolate.holdings.giveUp(ask);
      }
    }
  }

  #change(kind: "close" | "stream" | "renew", isolate: Isolate | undefined, index: number): void {
    const request = isolate === undefined ? undefined : pick(isolate.open, index);
    if (isolate === undefined || request === undefined) return;
    if (kind === "close") {
      isolate.open = isolate.open.filter((other) => other !== request);
      isolate.holdings.close(request.slot);
    } else if (kind === "stream" || request.stream) {
      // Only what the object is told at once may be relied on: a renewal counts from when it is heard.
      isolate.open = isolate.open.map((other) => (other === request ? { ...other, stream: true } : other));
      isolate.holdings.extend(request.slot, this.now + this.upstream.timeouts.maxHoldMs);
      const message = isolate.holdings.message(version, this.now);
      this.#exchange({ isolate, content: message });
    }
  }

  #carry(kind: "deliver" | "repeat" | "lose", index: number): void {
    const letter = pick(this.#messages, index);
    if (letter === undefined) return;
    if (kind !== "repeat") this.#messages = this.#messages.filter((other) => other !== letter);
    if (kind !== "lose") this.#exchange(letter);
  }

  #exchange(letter: Letter<ExchangeMessage>): void {
    const { isolate, content } = letter;
    const { reply, changes } = this.coordinator.exchange(content, this.now, this.#random);
    for (const change of changes) {
      this.writes++;
      if (change.kind === "ceiling") this.#ceilings.set(change.ceiling.holder, change.ceiling);
    }
    this.#replies.push({ isolate, content: { ask: content.seq, reply } });
  }

  #return(heard: boolean, index: number): void {
    const letter = pick(this.#replies, index);
    if (letter === undefined) return;
    this.#replies = this.#replies.filter((other) => other !== letter);
    const { isolate, content } = letter;
    if (!heard || !this.isolates.includes(isolate)) return;
    isolate.holdings.hear(content.reply);
    const { pick: answer } = content.reply;
    const sentMs = isolate.asks.get(content.ask);
    if (answer === undefined || sentMs === undefined) return;
    isolate.asks.delete(content.ask);
    if (answer.kind !== "granted") return isolate.holdings.giveUp(content.ask);
    const untilMs = sentMs + this.upstream.timeouts.totalMs;
    const slot = isolate.holdings.take(content.ask, answer.origin, untilMs);
    if (slot === undefined || untilMs <= this.now) return;
    this.grants++;
    isolate.open.push({ slot, stream: false });
  }

  #send(isolate: Isolate, content: ExchangeMessage): void {
    this.#messages.push({ isolate, content });
  }

  #isolate(): Isolate {
    return new Isolate(`isolate-${++this.#born}`);
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
