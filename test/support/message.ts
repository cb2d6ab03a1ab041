/** What a holder writes when it has nothing to say, but for the parts a test is about. */
import type { ExchangeMessage } from "../../core/protocol/exchange.ts";

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
