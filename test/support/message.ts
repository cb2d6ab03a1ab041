/** What a holder writes when it has nothing to say, but for the parts a test is about; and what the object answers to it. */
import type { Coordinator } from "../../core/coordinator/coordinator.ts";
import { seededRandom } from "../../core/model/random.ts";
import type { ExchangeMessage, ExchangeReply } from "../../core/protocol/exchange.ts";

/** The holder's first message, unless `parts` say otherwise; it awaits the answer to it alone. */
export function message(parts: Partial<ExchangeMessage> = {}): ExchangeMessage {
  const { seq = 1 } = parts;
  return {
    holder: "h1",
    seq,
    epoch: 1,
    config: { order: 1, hash: "a" },
    held: [],
    awaiting: [seq],
    outcomes: [],
    outcomesFrom: 0,
    ...parts,
  };
}

/** Delivers messages to the object; each is the next one of its holder, unless `parts` say otherwise. Returns its answer. */
export function messagesTo(
  coordinator: Coordinator,
  now: number,
): (parts?: Partial<ExchangeMessage>, at?: number) => ExchangeReply {
  const seqs = new Map<string, number>();
  return ({ holder = "h1", seq = (seqs.get(holder) ?? 0) + 1, ...parts } = {}, at = now) => {
    seqs.set(holder, seq);
    return coordinator.exchange(message({ holder, seq, ...parts }), at, seededRandom(1)).reply;
  };
}
