/** A holder's messages and the answers: what each message says and awaits, what is said again, and which lease is in force. */
import { describe, expect, test } from "vitest";

import { ExchangeSession } from "../../../../core/holder/exchange-session.ts";
import { clockLagMs } from "../../../../core/protocol/clocks.ts";
import type { ExchangeMessage, ExchangeReply } from "../../../../core/protocol/exchange.ts";

const config = { order: 1, hash: "a" };
const now = 1_000_000;
const want = { tried: [] };

function tell(session: ExchangeSession, at = now): ExchangeMessage {
  return session.write({ held: [] }, { config, untilMs: at + 5_000 }, at);
}

function ask(session: ExchangeSession): ExchangeMessage {
  return session.write({ held: [] }, { config, want, untilMs: now + 5_000 }, now);
}

/** The message is answered. */
function hear(session: ExchangeSession, message: ExchangeMessage, reply: ExchangeReply): void {
  session.recordReply(reply, { message, sentMs: now });
}

function reply(parts: Partial<ExchangeReply>): ExchangeReply {
  return { epoch: 1, outcomesSeen: 0, mode: "strict", ...parts };
}

describe("messages", () => {
  test("are numbered from 1, and carry holder, config and the epoch last heard", () => {
    const session = new ExchangeSession("isolate-1");
    const first = tell(session);
    expect(first).toEqual({
      holder: "isolate-1",
      seq: 1,
      epoch: 0,
      config,
      held: [],
      awaiting: [1],
      outcomes: [],
      outcomesFrom: 0,
    });
    hear(session, first, reply({ epoch: 7 }));
    hear(session, first, reply({ epoch: 6 }));
    expect(tell(session)).toMatchObject({ seq: 2, epoch: 7 });
  });

  test("with a want are asks; each names all that are awaited, itself included", () => {
    const session = new ExchangeSession("isolate-1");
    expect(ask(session)).toMatchObject({ seq: 1, want, awaiting: [1] });
    expect(ask(session)).toMatchObject({ seq: 2, want, awaiting: [1, 2] });
    session.giveUp(1);
    expect(tell(session)).toMatchObject({ seq: 3, awaiting: [2, 3] });
    expect(tell(session).want).toBeUndefined();
  });
});

describe("an ask", () => {
  test("whose grant is taken is asked no more", () => {
    const session = new ExchangeSession("isolate-1");
    expect(session.takeGrant(ask(session).seq)).toBe(true);
    expect(tell(session).awaiting).toEqual([2]);
  });

  test("gives one slot, however often its answer arrives, and none after it was given up", () => {
    const session = new ExchangeSession("isolate-1");
    const [first, second] = [ask(session), ask(session)];
    session.giveUp(second.seq);
    expect([
      session.takeGrant(first.seq),
      session.takeGrant(first.seq),
      session.takeGrant(second.seq),
    ]).toEqual([true, false, false]);
  });

  test("that is neither answered nor given up is open no longer than it was meant to be", () => {
    const session = new ExchangeSession("isolate-1");
    const { seq } = ask(session);
    expect(tell(session, now + 4_999).awaiting).toEqual([seq, 2]);
    expect(tell(session, now + 5_000).awaiting).toEqual([2, 3]);
    expect(session.takeGrant(seq)).toBe(false);
  });
});

describe("outcomes", () => {
  const failed = { origin: "a", ok: false, detail: "reset" };
  const ok = { origin: "a", ok: true };

  test("are sent again until the object has counted them", () => {
    const session = new ExchangeSession("isolate-1");
    session.recordOutcome(failed);
    session.recordOutcome(ok);
    expect(tell(session)).toMatchObject({ outcomes: [failed, ok], outcomesFrom: 0 });
    const second = tell(session);
    expect(second).toMatchObject({ outcomes: [failed, ok], outcomesFrom: 0 });
    hear(session, second, reply({ outcomesSeen: 1 }));
    const third = tell(session);
    expect(third).toMatchObject({ outcomes: [ok], outcomesFrom: 1 });
    hear(session, third, reply({ outcomesSeen: 2 }));
    hear(session, third, reply({ outcomesSeen: 1 }));
    expect(tell(session)).toMatchObject({ outcomes: [], outcomesFrom: 2 });
  });

  test("that were seen after a message was made do not change it", () => {
    const session = new ExchangeSession("isolate-1");
    const message = tell(session);
    session.recordOutcome(failed);
    expect(message.outcomes).toEqual([]);
  });

  test("are dropped, the oldest first, when the object has not been heard of for 512 of them", () => {
    const session = new ExchangeSession("isolate-1");
    for (let nth = 0; nth < 600; nth++) session.recordOutcome({ origin: "a", ok: false, detail: `${nth}` });
    const { outcomes, outcomesFrom } = tell(session);
    expect([outcomes.length, outcomesFrom, outcomes[0]?.detail]).toEqual([512, 88, "88"]);
  });
});

describe("what the object should hear of", () => {
  test("is everything that changes or was seen, and that an ask was given up", () => {
    const session = new ExchangeSession("isolate-1");
    const changed = (act: () => void): boolean => {
      tell(session);
      act();
      return session.hasUnsaid;
    };
    expect(changed(() => session.takeGrant(ask(session).seq))).toBe(false);
    expect(changed(() => session.noteChange())).toBe(true);
    expect(changed(() => session.recordOutcome({ origin: "a", ok: true }))).toBe(true);
    expect(changed(() => session.tally({ pool: "home", of: "bytes" }, 1))).toBe(true);
    expect(changed(() => session.tally({ pool: "shop 2xx", of: "responses" }, 1))).toBe(false);
    expect(changed(() => session.giveUp(ask(session).seq))).toBe(true);
    expect(changed(() => session.giveUp(999))).toBe(false);
  });

  test("is said by the next message, and again if that is lost", () => {
    const session = new ExchangeSession("isolate-1");
    session.noteChange();
    const { seq } = tell(session);
    expect(session.hasUnsaid).toBe(false);
    session.recordLoss(seq);
    expect(session.hasUnsaid).toBe(true);
  });

  test("is also what is open, once the object has lost its memory", () => {
    const session = new ExchangeSession("isolate-1");
    const message = tell(session);
    hear(session, message, reply({}));
    expect(session.hasUnsaid).toBe(false);
    hear(session, message, reply({ epoch: 2 }));
    expect(session.hasUnsaid).toBe(true);
    expect(tell(session).epoch).toBe(2);
  });

  test("is that nothing from before is used any more, once the object has lost its memory, also of an idle holder", () => {
    const session = new ExchangeSession("isolate-1");
    const lease = { forMs: 10_000, origins: [], closed: [] };
    hear(session, tell(session), reply({ lease }));
    const open = ask(session);
    hear(session, tell(session), reply({ epoch: 2, lease }));
    // The object would have to go on assuming: an ask from before is open, and the lease is an answer to one of then.
    expect(session.hasUnsaid).toBe(false);
    session.giveUp(open.seq);
    const fourth = tell(session);
    expect(fourth).toMatchObject({ epoch: 2, awaiting: [4], lease: 3 });
    hear(session, fourth, reply({ epoch: 2, lease }));
    expect(session.hasUnsaid).toBe(true);
    const fifth = tell(session);
    expect(fifth).toMatchObject({ epoch: 2, awaiting: [5], lease: 4 });
    hear(session, fifth, reply({ epoch: 2, lease }));
    expect(session.hasUnsaid).toBe(false);
  });
});

describe("a lease", () => {
  const leaseFor = (forMs: number) => reply({ mode: "leased", lease: { forMs, origins: [], closed: [] } });

  test("ends its time after its message was sent, and a clock's lag before that", () => {
    const session = new ExchangeSession("isolate-1");
    hear(session, tell(session), leaseFor(10_000));
    expect(session.lease).toMatchObject({ seq: 1, untilMs: now + 10_000 - clockLagMs });
  });

  test("is named by each message until another replaces it, or an answer brings none", () => {
    const session = new ExchangeSession("isolate-1");
    const first = tell(session);
    expect(first.lease).toBeUndefined();
    hear(session, first, leaseFor(10_000));
    const second = tell(session);
    expect(second.lease).toBe(1);
    hear(session, second, leaseFor(10_000));
    const third = tell(session);
    expect(third.lease).toBe(2);
    hear(session, third, reply({}));
    expect([session.lease, tell(session).lease]).toEqual([undefined, undefined]);
  });

  test("is to be confirmed as over when an answer ends it, once: until then its slots belong to no request", () => {
    const session = new ExchangeSession("isolate-1");
    hear(session, tell(session), leaseFor(10_000));
    const second = tell(session);
    expect(session.hasUnsaid).toBe(false);
    hear(session, second, reply({}));
    expect(session.hasUnsaid).toBe(true);
    const third = tell(session);
    expect(third.lease).toBeUndefined();
    hear(session, third, reply({}));
    expect(session.hasUnsaid).toBe(false);
  });

  test("is not brought back by an answer that a later one has overtaken", () => {
    const session = new ExchangeSession("isolate-1");
    const [first, second] = [tell(session), tell(session)];
    hear(session, second, leaseFor(10_000));
    hear(session, first, leaseFor(20_000));
    expect(session.lease?.seq).toBe(second.seq);
    hear(session, tell(session), reply({}));
    expect(session.lease).toBeUndefined();
  });

  test("does not come from an answer that was given up: the object may rely on that", () => {
    const session = new ExchangeSession("isolate-1");
    const [lost, overdue] = [tell(session), tell(session)];
    session.recordLoss(lost.seq);
    hear(session, lost, leaseFor(10_000));
    tell(session, now + 5_000);
    hear(session, overdue, leaseFor(10_000));
    expect(session.lease).toBeUndefined();
  });

  test("is given back by a quiet message as soon as that is made, and remembered as over", () => {
    const session = new ExchangeSession("isolate-1");
    hear(session, tell(session), leaseFor(10_000));
    const quiet = session.write({ held: [] }, { config, untilMs: now + 5_000, quiet: true }, now);
    expect([quiet.quiet, quiet.lease, session.lease]).toEqual([true, undefined, undefined]);
    expect(session.lastLease).toMatchObject({ seq: 1, untilMs: -Infinity });
  });
});
