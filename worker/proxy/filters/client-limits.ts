/**
 * `limits.client`: how much of an upstream one client may have at a time, as this isolate counts it. An upload is counted from its first byte
 * until its body is in, which takes no slot; a slot from before it is asked for until the request is over, so that whatever a request is
 * granted, its client has room for. What waits in the upstream's queue the queue counts (`core/queue/`, `core/holder/local-line.ts`).
 */
import { Held, type Holding } from "../../../core/clients/held.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import { clockLagMs } from "../../../core/protocol/clocks.ts";
import type { ActiveUpstream } from "../../active-config.ts";
import { PerRequest, type Transaction } from "../transaction.ts";
import { refuse, type FilterMaker, type OwnAnswer } from "./filter.ts";

interface HeldTables {
  readonly slots: Held;
  readonly uploads: Held;
}

/** What is held of each upstream, by way of whatever route. */
const tables = new WeakMap<ActiveUpstream, HeldTables>();

/** An upload of which nothing was heard for so long, and that has no slot either, is taken to be dead. */
const longestUploadMs: Millis = 3_600_000;

interface PartTaken {
  readonly held: Held;
  readonly holding: Holding;
}

const keptUploads = new PerRequest<PartTaken>();
const keptSlots = new PerRequest<PartTaken>();

export const clientLimitsFilter: FilterMaker = ({ config }) => {
  const { slots, uploads } = config.limits.client;
  if (slots === undefined && uploads === undefined) return undefined;
  return {
    name: "limits",
    onThrow: "refuse",
    onRequest: (tx) => {
      if (uploads === undefined || tx.request.body === null) return undefined;
      const kept = take(tx, "uploads", uploads, longestUploadMs);
      if (kept === "too many") return refuse({ kind: "client-uploads" });
      if (kept !== undefined) keptUploads.keep(tx, kept);
      return undefined;
    },
    onReady: (tx) => {
      const upload = keptUploads.of(tx);
      if (upload !== undefined) {
        if (tx.uploaded === undefined) giveBack(upload);
        else void tx.uploaded.then(() => giveBack(upload));
      }
      if (slots === undefined) return undefined;
      const kept = take(tx, "slots", slots, tx.upstream.config.timeouts.totalMs + clockLagMs);
      if (kept === "too many") return tooManySlots;
      if (kept !== undefined) keptSlots.keep(tx, kept);
      return undefined;
    },
    onEnd: (tx) => {
      giveBack(keptUploads.of(tx));
      giveBack(keptSlots.of(tx));
    },
  };
};

const tooManySlots: OwnAnswer = { kind: "error", error: { kind: "client-slots" } };

/** Takes one for the request's client, until it is given back, or the request must be over. `undefined`: nothing tells whose request it is. */
function take(
  tx: Transaction,
  of: keyof HeldTables,
  most: number,
  forMs: Millis,
): PartTaken | "too many" | undefined {
  const { account } = tx;
  if (account === undefined) return undefined;
  const now = Date.now();
  const untilMs = now + forMs;
  // A slot is prolonged as long as its request goes on.
  const term = {
    get untilMs() {
      return tx.slot?.untilMs ?? untilMs;
    },
  };
  const held = tablesOf(tx.upstream)[of];
  const holding = held.take(account, most, term, now);
  return holding === undefined ? "too many" : { held, holding };
}

function giveBack(kept: PartTaken | undefined): void {
  kept?.held.giveBack(kept.holding);
}

function tablesOf(upstream: ActiveUpstream): HeldTables {
  let found = tables.get(upstream);
  if (found === undefined) {
    found = { slots: new Held(), uploads: new Held() };
    tables.set(upstream, found);
  }
  return found;
}
