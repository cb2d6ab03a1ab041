/**
 * `concurrency` of a route: how many requests of a key are open at a time in the whole fleet. A request has its places from before it is sent until its answer is
 * over, and leaves all of them if one of the limits refuses it.
 */
import type { Millis } from "../../../core/model/upstream.ts";
import type { MaybePromise } from "../../../core/protocol/object-namespace.ts";
import { clockLagMs } from "../../../core/protocol/clocks.ts";
import { meets } from "../../../core/rules/conditions.ts";
import type { ConcurrencyConfig } from "../../config/sections/concurrency.ts";
import type { HoldEntry, HeldPlace } from "../../objects/holds-client.ts";
import { factsOf, placeOf } from "../request/request-facts.ts";
import { limitKeyOf } from "../request/request-key.ts";
import { PerRequest, type Transaction } from "../transaction.ts";
import { refuse, type FilterMaker, type RequestVerdict } from "./filter.ts";

/** A request without an upstream is answered by the route's rules. */
const answeredWithinMs = 60_000;

export const concurrencyFilter: FilterMaker = ({ route: { concurrency }, limits, holds }) => {
  if (concurrency === undefined || limits === undefined || holds === undefined) return undefined;
  const places = new PerRequest<HeldPlace[]>();
  const enterFrom = (
    from: number,
    kept: HeldPlace[],
    tx: Transaction,
  ): MaybePromise<RequestVerdict | undefined> => {
    for (const [nth, limit] of concurrency.entries()) {
      if (nth < from || !isMeant(limit, tx)) continue;
      const entry = holds.enter(limits.keyOf(keyOf(limit, tx)), limit, new RequestTerm(tx), tx);
      if (entry instanceof Promise)
        return entry.then((late) => heed(late, limit, kept, tx) ?? enterFrom(nth + 1, kept, tx));
      const verdict = heed(entry, limit, kept, tx);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  };
  return {
    name: "concurrency",
    onThrow: "refuse",
    onRequest: (tx) => {
      const kept: HeldPlace[] = [];
      places.keep(tx, kept);
      return enterFrom(0, kept, tx);
    },
    onEnd: (tx) => {
      for (const place of places.of(tx)?.splice(0) ?? []) place.leave(tx);
    },
  };
};

/** A condition that cannot be judged, as a value is too long for its pattern, counts as met: a limit is not to be gone around. */
function isMeant({ when }: ConcurrencyConfig, tx: Transaction): boolean {
  return when === undefined || meets(when, factsOf(tx), placeOf(tx)) !== false;
}

function keyOf({ name, key }: ConcurrencyConfig, { request, url, source }: Transaction): string {
  return limitKeyOf(`open ${name}`, key, { request, url, address: source.address });
}

/** When the request is over at the latest: its slot is prolonged as long as it goes on. */
class RequestTerm {
  readonly #tx: Transaction;
  readonly #untilMs: Millis;

  constructor(tx: Transaction) {
    this.#tx = tx;
    this.#untilMs = Date.now() + (tx.route.to?.config.timeouts.totalMs ?? answeredWithinMs) + clockLagMs;
  }

  get untilMs(): Millis {
    return this.#tx.slot?.untilMs ?? this.#untilMs;
  }
}

function heed(
  entry: HoldEntry,
  limit: ConcurrencyConfig,
  kept: HeldPlace[],
  tx: Transaction,
): RequestVerdict | undefined {
  if (typeof entry === "object") {
    kept.push(entry);
    return undefined;
  }
  const { name, dryRun, status } = limit;
  tx.event.limit ??= name;
  tx.holder?.count("limited", { route: tx.route.name, limit: name, outcome: dryRun ? "dry-run" : "refused" });
  if (dryRun) return undefined;
  tx.alarm.stop();
  return refuse(entry === "lost" ? { kind: "limit-lost" } : { kind: "concurrency-limited", status });
}
