/**
 * A root, regions and isolates in a test tube: every message is delivered at once, or lost on its way there or back. It
 * knows the truth (which requests are really open), so that the limit can be held against it after every step.
 */
import { Coordinator } from "../../core/coordinator/coordinator.ts";
import type { Effects } from "../../core/coordinator/outbox.ts";
import { applyRows, openState } from "../../core/coordinator/saved-state.ts";
import type { Answer } from "../../core/holder/answer.ts";
import type { SentMessage } from "../../core/holder/exchange-session.ts";
import { Leaseholder } from "../../core/holder/leaseholder.ts";
import type { Slot } from "../../core/holder/open-slots.ts";
import { seededRandom } from "../../core/model/random.ts";
import type { Upstream } from "../../core/model/upstream.ts";
import type { ExchangeMessage, ExchangeReply } from "../../core/protocol/exchange.ts";
import { RowsInMemory } from "../../sim/strategies/weir/exchanges/saved.ts";

const version = { order: 1, hash: "a" };

/** What happens to a message: it arrives and is answered, it is lost, or its answer is. */
export type Fate = "arrives" | "lost" | "answer lost";

export type TreeStep =
  | {
      readonly kind: "request" | "report" | "quiet";
      readonly isolate: number;
      readonly fate: Fate;
      readonly rootFate: Fate;
    }
  | { readonly kind: "close"; readonly isolate: number; readonly request: number }
  | { readonly kind: "renew" | "rest"; readonly region: number; readonly fate: Fate }
  | { readonly kind: "evict"; readonly region: number }
  | { readonly kind: "evictRoot" }
  | { readonly kind: "wait"; readonly ms: number };

class Node {
  readonly #upstream: Upstream;
  readonly #region: string | undefined;
  readonly #store = new RowsInMemory();
  readonly #random = seededRandom(7);
  coordinator: Coordinator;

  constructor(upstream: Upstream, region: string | undefined, now: number) {
    this.#upstream = upstream;
    this.#region = region;
    this.coordinator = this.evict(now);
  }

  evict(now: number): Coordinator {
    const saved = openState(this.#store, { now });
    return (this.coordinator = new Coordinator(this.#upstream, saved, now, { region: this.#region }));
  }

  exchange(message: ExchangeMessage, now: number): ExchangeReply {
    const { reply, ...effects } = this.coordinator.exchange(message, now, this.#random);
    this.#persist(effects);
    return reply;
  }

  rest(now: number): void {
    this.#persist(this.coordinator.rest(now));
  }

  #persist({ rows }: Effects): void {
    applyRows(this.#store, rows);
  }
}

interface Isolate {
  readonly holder: Leaseholder;
  readonly region: Node;
  /** Each with the end of its request's own time. */
  open: { readonly slot: Slot; readonly untilMs: number }[];
}

export class Tree {
  readonly #root: Node;
  readonly #requestMs: number;
  readonly #regions: readonly Node[];
  readonly #isolates: readonly Isolate[];
  now = 1_000_000;
  /** Requests that got a slot. */
  started = 0;

  constructor(upstream: Upstream, isolatesEach: number) {
    this.#requestMs = upstream.timeouts.totalMs;
    this.#root = new Node(upstream, undefined, this.now);
    this.#regions = upstream.regions.map((region) => new Node(upstream, region, this.now));
    this.#isolates = this.#regions.flatMap((region, place) =>
      Array.from({ length: isolatesEach }, (_, index) => ({
        holder: new Leaseholder(upstream, `${place}-${index}`, seededRandom(10 * place + index)),
        region,
        open: [],
      })),
    );
  }

  trulyOpen(origin: string): number {
    return this.#isolates.flatMap(({ open }) => open).filter(({ slot }) => slot.origin === origin).length;
  }

  /** What the root counts as open or given away. */
  taken(origin: string): number {
    return this.#root.coordinator.statusOf(origin).taken ?? 0;
  }

  applyStep(step: TreeStep): void {
    switch (step.kind) {
      case "request":
        return this.#request(this.#isolate(step.isolate), step.fate, step.rootFate);
      case "report":
      case "quiet": {
        const isolate = this.#isolate(step.isolate);
        const sent = isolate.holder.write(version, this.now, { quiet: step.kind === "quiet" });
        this.#deliver(isolate, sent, step.fate, step.rootFate);
        return;
      }
      case "close": {
        const isolate = this.#isolate(step.isolate);
        const request = isolate.open[step.request % Math.max(1, isolate.open.length)];
        if (request === undefined) return;
        isolate.open = isolate.open.filter((other) => other !== request);
        return isolate.holder.close(request.slot, this.now);
      }
      case "renew":
      case "rest": {
        const region = this.#regions[step.region % this.#regions.length]!;
        if (step.kind === "rest") region.rest(this.now);
        return this.#tellRoot(region, step.fate, step.kind === "rest" ? "quiet" : undefined);
      }
      case "evict":
        this.#regions[step.region % this.#regions.length]!.evict(this.now);
        return;
      case "evictRoot":
        this.#root.evict(this.now);
        return;
      case "wait":
        this.now += step.ms;
        for (const isolate of this.#isolates) {
          isolate.open = isolate.open.filter(({ untilMs }) => untilMs > this.now);
        }
    }
  }

  /** Everyone finishes, says so, and is heard, by the regions and the root. */
  settle(): void {
    for (const isolate of this.#isolates) {
      for (const { slot } of isolate.open) isolate.holder.close(slot, this.now);
      isolate.open = [];
      const sent = isolate.holder.write(version, this.now, { quiet: true });
      this.#deliver(isolate, sent, "arrives", "arrives");
    }
    for (const region of this.#regions) this.#tellRoot(region, "arrives", "quiet");
  }

  #isolate(index: number): Isolate {
    return this.#isolates[index % this.#isolates.length]!;
  }

  #request(isolate: Isolate, fate: Fate, rootFate: Fate): void {
    const want = { tried: [] };
    const own = isolate.holder.pick(want, this.now);
    const answer =
      own.kind === "ask"
        ? this.#deliver(isolate, isolate.holder.write(version, this.now, { want }), fate, rootFate)
        : own;
    if (answer?.kind !== "granted") return;
    this.started++;
    isolate.open.push({ slot: answer.slot, untilMs: this.now + this.#requestMs });
  }

  /** As the Durable Object does it: a region that is short asks the root first (`durable-objects/weir-upstream.ts`). */
  #deliver({ holder, region }: Isolate, sent: SentMessage, fate: Fate, rootFate: Fate): Answer | undefined {
    const lost = (): Answer | undefined => {
      const answer = holder.recordLoss(sent, this.now);
      return answer?.kind === "ask" ? undefined : answer;
    };
    if (fate === "lost") return lost();
    if (region.coordinator.isShort(sent.message, this.now)) {
      this.#tellRoot(region, rootFate, "short");
      if ((region.coordinator.regionLink?.leftMs(this.now) ?? 0) <= 0) return lost();
    }
    const reply = region.exchange(sent.message, this.now);
    if (fate === "answer lost") return lost();
    holder.recordReply(reply, sent);
    const answer = holder.answered(reply, sent, this.now);
    return answer?.kind === "ask" ? undefined : answer;
  }

  #tellRoot({ coordinator: { regionLink } }: Node, fate: Fate, need?: "quiet" | "short"): void {
    if (regionLink === undefined) return;
    const sent = regionLink.write(version, this.now, need);
    if (fate === "lost") return regionLink.recordLoss(sent);
    const reply = this.#root.exchange(sent.message, this.now);
    if (fate === "answer lost") return regionLink.recordLoss(sent);
    regionLink.recordReply(reply, sent, this.now);
  }
}
