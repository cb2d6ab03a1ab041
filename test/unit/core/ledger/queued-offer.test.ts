/** A lease that came with the news that an ask waits: it must not keep the slots that the ask waits for. */
import { expect, test } from "vitest";

import type { ExchangeMessage } from "../../../../core/protocol/exchange.ts";
import { SlotLedger } from "../../../../core/ledger/slot-ledger.ts";

const now = 1_000_000;
const times = { forMs: 10_000, requestMs: 30_000 };

function message(seq: number, parts: Partial<ExchangeMessage>): ExchangeMessage {
  const config = { order: 1, hash: "a" };
  return {
    holder: "h",
    seq,
    epoch: 1,
    config,
    held: [],
    awaiting: [seq],
    outcomes: [],
    outcomesFrom: 0,
    ...parts,
  };
}

/** The holder's ask, message 1, waits; three slots were leased in the answer. */
function ledgerWithOffer(): SlotLedger {
  const ledger = new SlotLedger(1, [], now);
  const ask = message(1, {});
  ledger.declare(ask, now);
  ledger.lease(ask, new Map([["a", 3]]), times, now);
  expect(ledger.totals.taken("a")).toBe(3);
  return ledger;
}

test("when its holder has heard of it and gives it back, the slots are free, though the ask still waits", () => {
  const ledger = ledgerWithOffer();
  ledger.declare(message(2, { awaiting: [1, 2], heard: 1, quiet: true }), now);
  expect(ledger.totals.taken("a")).toBe(0);
});

test("while its holder may not have heard of it the slots are its own", () => {
  const ledger = ledgerWithOffer();
  ledger.declare(message(2, { awaiting: [1, 2] }), now);
  expect(ledger.totals.taken("a")).toBe(3);
});

test("while it is in use the slots are the holder's, and a later lease takes its place", () => {
  const ledger = ledgerWithOffer();
  const renewal = message(2, { awaiting: [1, 2], heard: 1, lease: 1 });
  ledger.declare(renewal, now);
  expect(ledger.totals.taken("a")).toBe(3);
  ledger.lease(renewal, new Map([["a", 1]]), times, now);
  ledger.declare(message(3, { awaiting: [1, 3], heard: 2, lease: 2 }), now);
  expect(ledger.totals.taken("a")).toBe(1);
});
