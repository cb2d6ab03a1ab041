/** The holder's table: what each message declares, and what falls out of it by itself. */
import { describe, expect, test } from "vitest";

import { Holdings } from "../../../../core/holder/holdings.ts";
import type { Slot } from "../../../../core/holder/open-slots.ts";
import { clockLagMs } from "../../../../core/protocol/clocks.ts";
import type { ExchangeMessage, ExchangeReply } from "../../../../core/protocol/exchange.ts";

const version = { order: 1, hash: "a" };
const now = 1_000_000;
const want = { tried: [] };

function tell(holdings: Holdings, at = now): ExchangeMessage {
  return holdings.message(version, at, { untilMs: at + 5_000 });
}

/** The answer to the latest message. */
function hear(holdings: Holdings, reply: ExchangeReply): void {
  holdings.hear(reply, { seq: holdings.messages, sentMs: now });
}

function ask(holdings: Holdings, at = now) {
  return holdings.message(version, at, { want, untilMs: at + 5_000 });
}

/** A granted slot of 30 s, or until `untilMs`. */
function open(holdings: Holdings, origin = "a", untilMs = now + 30_000): Slot {
  return holdings.take(ask(holdings).seq, origin, untilMs, now) ?? expect.fail("the ask was not open");
}

function reply(parts: Partial<ExchangeReply>): ExchangeReply {
  return { epoch: 1, outcomesSeen: 0, mode: "strict", ...parts };
}

describe("messages", () => {
  test("are numbered from 1, and carry holder, config and the epoch last heard", () => {
    const holdings = new Holdings("isolate-1");
    expect(tell(holdings)).toEqual({
      holder: "isolate-1",
      seq: 1,
      epoch: 0,
      config: version,
      held: [],
      awaiting: [1],
      outcomes: [],
      outcomesFrom: 0,
    });
    hear(holdings, reply({ epoch: 7 }));
    hear(holdings, reply({ epoch: 6 }));
    expect(tell(holdings)).toMatchObject({ seq: 2, epoch: 7 });
  });

  test("with a want are asks; each names all that are awaited, itself included", () => {
    const holdings = new Holdings("isolate-1");
    expect(ask(holdings)).toMatchObject({ seq: 1, want, awaiting: [1] });
    expect(ask(holdings)).toMatchObject({ seq: 2, want, awaiting: [1, 2] });
    holdings.giveUp(1);
    expect(tell(holdings)).toMatchObject({ seq: 3, awaiting: [2, 3] });
    expect(tell(holdings).want).toBeUndefined();
  });

  test("declare what is held by origin and deadline, in steps of five seconds, rounded up", () => {
    const holdings = new Holdings("isolate-1");
    open(holdings, "a", now + 4_000);
    open(holdings, "a", now + 5_000);
    open(holdings, "a", now + 5_001);
    open(holdings, "b", now + 30_000);
    expect(tell(holdings).held).toEqual([
      { origin: "a", open: 2, forMs: 5_000 },
      { origin: "a", open: 1, forMs: 10_000 },
      { origin: "b", open: 1, forMs: 30_000 },
    ]);
  });
});

describe("an ask", () => {
  test("whose grant is taken becomes a slot, and is asked no more", () => {
    const holdings = new Holdings("isolate-1");
    const { seq } = ask(holdings);
    expect(holdings.take(seq, "a", now + 30_000, now)).toEqual({ origin: "a", untilMs: now + 30_000 });
    expect(holdings.open).toBe(1);
    expect(tell(holdings)).toMatchObject({ awaiting: [2], held: [{ origin: "a", open: 1 }] });
  });

  test("gives one slot, however often its answer arrives, and none after it was given up", () => {
    const holdings = new Holdings("isolate-1");
    const [first, second] = [ask(holdings), ask(holdings)];
    holdings.take(first.seq, "a", now + 30_000, now);
    expect(holdings.take(first.seq, "a", now + 30_000, now)).toBeUndefined();
    holdings.giveUp(second.seq);
    expect(holdings.take(second.seq, "a", now + 30_000, now)).toBeUndefined();
    expect(holdings.open).toBe(1);
  });

  test("that nobody answers or gives up is open no longer than it was meant to be", () => {
    const holdings = new Holdings("isolate-1");
    const { seq } = ask(holdings);
    expect(tell(holdings, now + 4_999).awaiting).toEqual([seq, 2]);
    expect(tell(holdings, now + 5_000).awaiting).toEqual([2, 3]);
    expect(holdings.take(seq, "a", now + 30_000, now)).toBeUndefined();
  });
});

describe("a slot", () => {
  test("that nobody closes falls out at its deadline", () => {
    const holdings = new Holdings("isolate-1");
    open(holdings);
    expect(tell(holdings, now + 29_999).held).toEqual([{ origin: "a", open: 1, forMs: 1 }]);
    expect(tell(holdings, now + 30_000).held).toEqual([]);
    expect(holdings.open).toBe(0);
  });

  test("is closed once; closing it again, or after it fell out, does nothing", () => {
    const holdings = new Holdings("isolate-1");
    const [slot, other] = [open(holdings), open(holdings)];
    holdings.close(slot, now);
    tell(holdings, now + 30_000);
    holdings.close(slot, now);
    holdings.close(other, now);
    expect([holdings.open, holdings.hasUnsaid]).toEqual([0, false]);
  });

  test("of a stream is declared until its new deadline, and again if it fell out meanwhile; not once it is closed", () => {
    const holdings = new Holdings("isolate-1");
    const [stream, late] = [open(holdings), open(holdings)];
    holdings.extend(stream, now + 60_000);
    expect(tell(holdings, now + 30_000).held).toEqual([{ origin: "a", open: 1, forMs: 30_000 }]);
    holdings.extend(late, now + 90_000);
    expect(holdings.open).toBe(2);
    tell(holdings, now + 90_000);
    holdings.close(late, now + 90_000);
    holdings.extend(late, now + 120_000);
    expect(holdings.open).toBe(0);
  });
});

describe("outcomes", () => {
  const failed = { origin: "a", ok: false, detail: "reset" };
  const ok = { origin: "a", ok: true };

  test("are sent again until the object has counted them", () => {
    const holdings = new Holdings("isolate-1");
    holdings.observe(failed);
    holdings.observe(ok);
    expect(tell(holdings)).toMatchObject({ outcomes: [failed, ok], outcomesFrom: 0 });
    expect(tell(holdings)).toMatchObject({ outcomes: [failed, ok], outcomesFrom: 0 });
    hear(holdings, reply({ outcomesSeen: 1 }));
    expect(tell(holdings)).toMatchObject({ outcomes: [ok], outcomesFrom: 1 });
    hear(holdings, reply({ outcomesSeen: 2 }));
    hear(holdings, reply({ outcomesSeen: 1 }));
    expect(tell(holdings)).toMatchObject({ outcomes: [], outcomesFrom: 2 });
  });

  test("that were seen after a message was made do not change it", () => {
    const holdings = new Holdings("isolate-1");
    const message = tell(holdings);
    holdings.observe(failed);
    expect(message.outcomes).toEqual([]);
  });

  test("are dropped, the oldest first, when the object has not been heard of for 512 of them", () => {
    const holdings = new Holdings("isolate-1");
    for (let nth = 0; nth < 600; nth++) holdings.observe({ origin: "a", ok: false, detail: `${nth}` });
    const { outcomes, outcomesFrom } = tell(holdings);
    expect([outcomes.length, outcomesFrom, outcomes[0]?.detail]).toEqual([512, 88, "88"]);
  });
});

describe("what the object should hear of", () => {
  test("is everything that ends, goes on or was seen, and nothing that the object granted itself", () => {
    const holdings = new Holdings("isolate-1");
    const changed = (act: () => void): boolean => {
      tell(holdings);
      act();
      return holdings.hasUnsaid;
    };
    const slot = open(holdings);
    expect(changed(() => void open(holdings))).toBe(false);
    expect(changed(() => holdings.extend(slot, now + 60_000))).toBe(true);
    expect(changed(() => holdings.close(slot, now))).toBe(true);
    expect(changed(() => holdings.observe({ origin: "a", ok: true }))).toBe(true);
    expect(changed(() => holdings.giveUp(ask(holdings).seq))).toBe(true);
    expect(changed(() => holdings.giveUp(999))).toBe(false);
  });

  test("is said by the next message, and again if that is lost", () => {
    const holdings = new Holdings("isolate-1");
    holdings.close(open(holdings), now);
    expect(holdings.hasUnsaid).toBe(true);
    tell(holdings);
    expect(holdings.hasUnsaid).toBe(false);
    holdings.lost(holdings.messages);
    expect(holdings.hasUnsaid).toBe(true);
  });

  test("is also what is open, once the object has lost its memory", () => {
    const holdings = new Holdings("isolate-1");
    const reply = { outcomesSeen: 0, mode: "strict" } as const;
    open(holdings);
    hear(holdings, { ...reply, epoch: 1 });
    expect(holdings.hasUnsaid).toBe(false);
    hear(holdings, { ...reply, epoch: 2 });
    expect(holdings.hasUnsaid).toBe(true);
    expect(tell(holdings)).toMatchObject({ epoch: 2, held: [{ origin: "a", open: 1 }] });
  });

  test("is that nothing from before is used any more, once the object has lost its memory, also of an idle holder", () => {
    const holdings = new Holdings("isolate-1");
    const lease = { forMs: 10_000, origins: [], closed: [] };
    tell(holdings);
    hear(holdings, reply({ lease }));
    const open = ask(holdings);
    tell(holdings);
    hear(holdings, reply({ epoch: 2, lease }));
    // The object would have to go on assuming: an ask from before is open, and the lease is an answer to one of then.
    expect(holdings.hasUnsaid).toBe(false);
    holdings.giveUp(open.seq);
    expect(tell(holdings)).toMatchObject({ epoch: 2, awaiting: [4], lease: 3 });
    hear(holdings, reply({ epoch: 2, lease }));
    expect(holdings.hasUnsaid).toBe(true);
    expect(tell(holdings)).toMatchObject({ epoch: 2, awaiting: [5], lease: 4 });
    hear(holdings, reply({ epoch: 2, lease }));
    expect(holdings.hasUnsaid).toBe(false);
  });
});

describe("a lease", () => {
  const leaseFor = (forMs: number) => reply({ mode: "leased", lease: { forMs, origins: [], closed: [] } });
  const answer = (holdings: Holdings, seq: number, content: ExchangeReply): void =>
    holdings.hear(content, { seq, sentMs: now });

  test("ends its time after its message was sent, and a clock's lag before that", () => {
    const holdings = new Holdings("isolate-1");
    tell(holdings);
    hear(holdings, leaseFor(10_000));
    expect(holdings.lease).toMatchObject({ seq: 1, untilMs: now + 10_000 - clockLagMs });
  });

  test("is named by each message until another replaces it, or an answer brings none", () => {
    const holdings = new Holdings("isolate-1");
    expect(tell(holdings).lease).toBeUndefined();
    hear(holdings, leaseFor(10_000));
    expect(tell(holdings).lease).toBe(1);
    hear(holdings, leaseFor(10_000));
    expect(tell(holdings).lease).toBe(2);
    hear(holdings, reply({}));
    expect([holdings.lease, tell(holdings).lease]).toEqual([undefined, undefined]);
  });

  test("is to be confirmed as over when an answer ends it, once: until then its slots are nobody's", () => {
    const holdings = new Holdings("isolate-1");
    tell(holdings);
    hear(holdings, leaseFor(10_000));
    tell(holdings);
    expect(holdings.hasUnsaid).toBe(false);
    hear(holdings, reply({}));
    expect(holdings.hasUnsaid).toBe(true);
    expect(tell(holdings).lease).toBeUndefined();
    hear(holdings, reply({}));
    expect(holdings.hasUnsaid).toBe(false);
  });

  test("is not brought back by an answer that a later one has overtaken", () => {
    const holdings = new Holdings("isolate-1");
    const [first, second] = [tell(holdings), tell(holdings)];
    answer(holdings, second.seq, leaseFor(10_000));
    answer(holdings, first.seq, leaseFor(20_000));
    expect(holdings.lease?.seq).toBe(second.seq);
    answer(holdings, tell(holdings).seq, reply({}));
    expect(holdings.lease).toBeUndefined();
  });

  test("does not come from an answer that was given up: the object may rely on that", () => {
    const holdings = new Holdings("isolate-1");
    const [lost, overdue] = [tell(holdings), tell(holdings)];
    holdings.lost(lost.seq);
    answer(holdings, lost.seq, leaseFor(10_000));
    tell(holdings, now + 5_000);
    answer(holdings, overdue.seq, leaseFor(10_000));
    expect(holdings.lease).toBeUndefined();
  });

  test("is given back by a quiet message as soon as that is made, and remembered as over", () => {
    const holdings = new Holdings("isolate-1");
    tell(holdings);
    hear(holdings, leaseFor(10_000));
    const quiet = holdings.message(version, now, { untilMs: now + 5_000, quiet: true });
    expect([quiet.quiet, quiet.lease, holdings.lease]).toEqual([true, undefined, undefined]);
    expect(holdings.lastLease).toMatchObject({ seq: 1, untilMs: -Infinity });
  });
});

describe("what was started without asking", () => {
  test("is held, is counted for ever, and is to be said", () => {
    const holdings = new Holdings("isolate-1");
    holdings.close(holdings.start("a", now + 30_000, now), now);
    holdings.start("a", now + 30_000, now);
    expect(holdings.hasUnsaid).toBe(true);
    expect(tell(holdings)).toMatchObject({
      started: [{ origin: "a", count: 2 }],
      held: [{ origin: "a", open: 1 }],
    });
    expect(tell(holdings).started).toEqual([{ origin: "a", count: 2 }]);
  });

  test("is told of with its sessions, each once, and not of any number of them", () => {
    const holdings = new Holdings("isolate-1");
    for (let nth = 0; nth < 1_000; nth++) holdings.noteSession(`${nth}`, "a");
    expect(tell(holdings).sessions?.length).toBeLessThan(1_000);
    expect(tell(holdings).sessions).toBeUndefined();
  });
});
