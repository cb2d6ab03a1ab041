/** Probes and traffic together: whether an origin may serve, what is logged (once), and what must be persisted. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { HealthBook } from "../../../../core/health/health-book.ts";
import type { HealthTransition, OriginHealth } from "../../../../core/health/transition.ts";
import type { Upstream } from "../../../../core/model/upstream.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

/** Rise 2, fall 3; five failures in a row eject for 30 s. */
const shop = upstream({ pools: [pool("home", [origin("a"), origin("b"), origin("c")])] });
const now = 1_000_000;

function without(key: "health" | "passive"): Upstream {
  const { [key]: _, ...rest } = shop;
  return rest;
}

function newBook(config = shop, saved: ReadonlyMap<string, OriginHealth> = new Map()): HealthBook {
  return new HealthBook(config, saved, now);
}

/** Probes of `a`, `+` or `-`; what each did. */
function probe(book: HealthBook, probes: string, at = now) {
  return Array.from(probes, (sign) =>
    book.probed({ origin: "a", good: sign === "+", evidence: sign === "+" ? "200 in 12 ms" : "503" }, at),
  );
}

/** Failures of `a` in a row; the transitions they caused. */
function fail(book: HealthBook, times: number, at = now, detail = "reset"): HealthTransition[] {
  return Array.from({ length: times }, () => book.observed({ origin: "a", ok: false, detail }, at)).filter(
    (transition) => transition !== undefined,
  );
}

function succeed(book: HealthBook, at = now): HealthTransition | undefined {
  return book.observed({ origin: "a", ok: true }, at);
}

describe("an origin may serve", () => {
  test("before its first probe, and while its first probes fail", () => {
    const book = newBook();
    expect(book.isHealthy("a", now)).toBe(true);
    probe(book, "--");
    expect(book.isHealthy("a", now)).toBe(true);
    expect(book.of("a")?.verdict.state).toBe("unknown");
  });

  test("not while probes call it unhealthy, nor while it is ejected", () => {
    const book = newBook();
    probe(book, "---");
    expect(book.isHealthy("a", now)).toBe(false);
    probe(book, "++");
    fail(book, 5);
    expect(book.isHealthy("a", now + 29_999)).toBe(false);
    expect(book.isHealthy("a", now + 30_000)).toBe(true);
  });

  test("not if the configuration has no such origin; and nothing that is said of it is kept", () => {
    const book = newBook();
    expect(book.isHealthy("gone", now)).toBe(false);
    expect(book.probed({ origin: "gone", good: true, evidence: "200" }, now)).toBeUndefined();
    expect(book.observed({ origin: "gone", ok: false }, now)).toBeUndefined();
    expect(book.of("gone")).toBeUndefined();
  });

  test("whatever probes said, once the upstream is no longer probed: its traffic alone decides", () => {
    const book = newBook();
    probe(book, "---");
    book.reconfigure(without("health"), now);
    expect(book.isHealthy("a", now)).toBe(true);
    expect(probe(book, "-")).toEqual([undefined]);
    fail(book, 5);
    expect(book.isHealthy("a", now)).toBe(false);
  });

  test("whatever traffic does, if the upstream has no passive health", () => {
    const book = newBook(without("passive"));
    expect(fail(book, 100)).toEqual([]);
    expect(book.isHealthy("a", now)).toBe(true);
  });
});

test("an origin is failing from a failure to its next success", () => {
  const book = newBook();
  expect(book.isFailing("a")).toBe(false);
  fail(book, 1);
  expect([book.isFailing("a"), book.isFailing("b"), book.isFailing("gone")]).toEqual([true, false, false]);
  succeed(book);
  expect(book.isFailing("a")).toBe(false);
});

describe("a transition", () => {
  test("of probes is reported once, with its evidence", () => {
    const transitions = probe(newBook(), "++------++++").map((probed) => probed?.transition);
    expect(
      transitions.filter((one) => one !== undefined).map(({ to, evidence }) => `${to}: ${evidence}`),
    ).toEqual(["healthy: probe: 200 in 12 ms", "unhealthy: probe: 503", "healthy: probe: 200 in 12 ms"]);
  });

  test("of traffic is reported once, with the row, the last failure and the length", () => {
    const book = newBook();
    fail(book, 4, now, "reset");
    const [ejected, ...more] = fail(book, 7, now, "timeout");
    expect(ejected).toMatchObject({ origin: "a", to: "ejected" });
    expect(ejected?.evidence).toBe("5 failures in a row, last: timeout; out for 30000 ms");
    expect(more).toEqual([]);
  });

  test("is not caused by a success; a success between failures begins the row anew", () => {
    const book = newBook();
    fail(book, 4);
    expect(succeed(book)).toBeUndefined();
    expect(fail(book, 4)).toEqual([]);
    expect(fail(book, 1)).toHaveLength(1);
  });

  test("carries what is to be persisted: another incarnation goes on with it", () => {
    const book = newBook();
    const [ejected] = fail(book, 5);
    const restored = newBook(shop, new Map([["a", ejected?.health ?? expect.fail("not ejected")]]));
    expect(restored.isHealthy("a", now + 29_999)).toBe(false);
    expect(restored.of("a")).toEqual(book.of("a"));
  });
});

describe("probes that see an origin come back", () => {
  test("pardon it, if they saw it go down", () => {
    const book = newBook();
    fail(book, 5);
    probe(book, "---");
    expect(book.isHealthy("a", now)).toBe(false);
    probe(book, "++");
    expect(book.isHealthy("a", now)).toBe(true);
    expect(fail(book, 4)).toEqual([]);
  });

  test("do not pardon it if they never saw it down: they do not see what its traffic sees", () => {
    const book = newBook();
    fail(book, 5);
    probe(book, "+++++");
    expect(book.isHealthy("a", now)).toBe(false);
    const other = newBook();
    probe(other, "+");
    fail(other, 5);
    probe(other, "--++");
    expect(other.isHealthy("a", now)).toBe(false);
  });
});

describe("after a pardon the next ejection", () => {
  test("is longer than the last: an origin that comes and goes is not new each time", () => {
    const book = newBook();
    fail(book, 5);
    probe(book, "---++");
    expect(fail(book, 5)[0]?.evidence).toContain("out for 60000 ms");
  });

  test("is the first again if the origin was in service for longer than the longest ejection", () => {
    const book = newBook();
    fail(book, 5);
    probe(book, "---++", now + 10_000);
    const [ejected] = fail(book, 5, now + 40_000 + 300_001);
    expect(ejected?.evidence).toContain("out for 30000 ms");
  });
});

describe("an origin that was killed and is back", () => {
  const kill = (book: HealthBook, at = now) =>
    Array.from({ length: 5 }, () =>
      book.observed({ origin: "a", ok: false, lost: true, detail: "refused" }, at),
    ).at(-1);

  test("serves as soon as probes that began after its ejection are good, without having been called unhealthy", () => {
    const book = newBook();
    probe(book, "+");
    expect(kill(book)).toMatchObject({
      to: "ejected",
      isUrgent: true,
      evidence: "5 failures in a row, last: refused; out for 30000 ms, or until probes are good",
    });
    probe(book, "-+", now + 1_000);
    expect(book.isHealthy("a", now + 1_400)).toBe(false);
    const [back] = probe(book, "+", now + 1_650);
    expect(back?.transition).toMatchObject({ origin: "a", to: "healthy" });
    expect(book.isHealthy("a", now + 1_650)).toBe(true);
  });

  test("is to be probed soon until it is back, and not for longer than that", () => {
    const book = newBook();
    probe(book, "+");
    expect(book.lostOrigins(now)).toEqual({ origins: [], forMs: Infinity });
    kill(book);
    expect(book.lostOrigins(now + 700)).toEqual({ origins: ["a"], forMs: 700 });
    // It is called unhealthy meanwhile, and its ejection is over.
    probe(book, "---", now + 800);
    expect(book.lostOrigins(now + 31_000)).toEqual({ origins: ["a"], forMs: 31_000 });
    probe(book, "++", now + 32_000);
    expect(book.lostOrigins(now + 32_000).origins).toEqual([]);
  });

  test("is not urgent where it failed by its answers: what a probe asks for says little of them", () => {
    const book = newBook();
    probe(book, "+");
    const [ejected] = fail(book, 5, now, "500");
    expect(ejected).not.toHaveProperty("isUrgent");
    expect(book.lostOrigins(now).origins).toEqual([]);
  });

  test("and is killed again much later, is out no longer than the first time", () => {
    const book = newBook();
    kill(book);
    probe(book, "++", now + 1_000);
    expect(kill(book, now + 10_000)?.evidence).toContain("out for 60000 ms");
    probe(book, "++", now + 11_000);
    expect(kill(book, now + 72_000)?.evidence).toContain("out for 30000 ms");
  });
});

describe("what a probe changed is returned to be persisted", () => {
  test("also a row that has not yet changed the verdict, and nothing if nothing changed", () => {
    const kept = probe(newBook(), "++-+-").map((probed) => probed?.health.verdict.against);
    expect(kept).toEqual([0, undefined, 1, 0, 1]);
  });

  test("so that an object evicted between any two probes judges as one that never was", () => {
    const probes = fc.array(fc.tuple(fc.constantFrom("+", "-"), fc.boolean()), { maxLength: 40 });
    fc.assert(
      fc.property(probes, (rounds) => {
        const steady = newBook();
        const saved = new Map<string, OriginHealth>();
        let evicted = newBook();
        for (const [index, [sign, evict]] of rounds.entries()) {
          probe(steady, sign, now + index);
          for (const probed of probe(evicted, sign, now + index)) if (probed) saved.set("a", probed.health);
          if (evict) evicted = newBook(shop, saved);
          expect(evicted.of("a")).toEqual(steady.of("a"));
        }
      }),
    );
  });
});

describe("another configuration", () => {
  const more = upstream({ pools: [pool("home", [origin("a")]), pool("cloud", [origin("d")])] });

  test("keeps what is known of origins that stay, in whatever pool", () => {
    const book = newBook();
    probe(book, "---");
    book.reconfigure(upstream({ pools: [pool("cloud", [origin("d"), origin("a")])] }), now + 5);
    expect(book.isHealthy("a", now + 5)).toBe(false);
    expect(book.of("a")?.verdict.sinceMs).toBe(now);
  });

  test("begins anew with origins that are new, and with those that were gone", () => {
    const book = newBook();
    probe(book, "---");
    book.reconfigure(upstream({ pools: [pool("home", [origin("b")])] }), now + 1);
    expect(book.of("a")).toBeUndefined();
    book.reconfigure(more, now + 2);
    for (const name of ["a", "d"]) {
      expect(book.of(name)?.verdict).toEqual({ state: "unknown", against: 0, sinceMs: now + 2 });
      expect(book.isHealthy(name, now + 2)).toBe(true);
    }
  });

  test("that was saved with origins which are gone is read without them", () => {
    const book = newBook();
    probe(book, "---");
    const saved = new Map([["gone", book.of("a") ?? expect.fail("unknown origin")]]);
    expect(newBook(shop, saved).of("gone")).toBeUndefined();
  });
});

describe("a pool that dies as a whole", () => {
  const lose = (book: HealthBook, name: string, times: number): (string | undefined)[] =>
    Array.from(
      { length: times },
      () => book.observed({ origin: name, ok: false, lost: true, detail: "reset" }, now)?.to,
    );

  test("loses one by ejection, as much as it can spare; the others become suspect, with their evidence", () => {
    const book = newBook();
    expect(lose(book, "a", 5).at(-1)).toBe("ejected");
    expect(lose(book, "b", 4)).toEqual([undefined, undefined, undefined, undefined]);
    const transition = book.observed({ origin: "b", ok: false, lost: true, detail: "reset" }, now);
    expect(transition).toMatchObject({
      to: "suspect",
      evidence: "5 failures in a row, last: reset; used last until probed",
    });
    expect(book.isSuspect("b", now)).toBe(true);
    expect(book.isHealthy("b", now)).toBe(true);
  });

  test("is trusted again by its first good probe or answer", () => {
    const book = newBook();
    probe(book, "+");
    for (const name of ["b", "c", "a"]) lose(book, name, 5);
    expect(book.isSuspect("a", now)).toBe(true);
    probe(book, "-");
    expect(book.isSuspect("a", now)).toBe(true);
    expect(probe(book, "+")[0]?.health.traffic).toEqual({ failuresInRow: 0, ejections: 0 });
    expect(book.isSuspect("a", now)).toBe(false);
    lose(book, "a", 5);
    succeed(book);
    expect(book.isSuspect("a", now)).toBe(false);
  });

  test("is not trusted on the word of a probe that began before it died", () => {
    const book = newBook();
    for (const name of ["b", "c", "a"]) lose(book, name, 5);
    book.probed({ origin: "a", good: true, startedMs: now - 1, evidence: "200 in 12 ms" }, now);
    expect(book.isSuspect("a", now)).toBe(true);
    book.probed({ origin: "a", good: true, startedMs: now, evidence: "200 in 12 ms" }, now);
    expect(book.isSuspect("a", now)).toBe(false);
  });

  test("makes no suspects where there are no probes to acquit them", () => {
    const book = newBook(without("health"));
    for (const name of ["b", "c", "a"]) lose(book, name, 20);
    expect(["a", "b", "c"].filter((name) => book.isSuspect(name, now))).toEqual([]);
  });
});

describe("an origin that is ejected for its answers", () => {
  const sticky = { cookie: "weir", ttlMs: 1_000, idleMs: 1_000, path: "/", homecoming: false };
  const up = (): boolean => true;

  test("keeps its sessions while probes find it well; one that has lost connections does not", () => {
    const book = newBook();
    probe(book, "+");
    fail(book, 5, now, "500");
    expect([book.isHealthy("a", now), book.keepsSessions("a", now)]).toEqual([false, true]);
    probe(book, "-");
    expect(book.keepsSessions("a", now)).toBe(false);
    const lost = newBook();
    probe(lost, "+");
    for (let nth = 0; nth < 5; nth++) lost.observed({ origin: "a", ok: false, lost: true }, now);
    expect([lost.isHealthy("a", now), lost.keepsSessions("a", now)]).toEqual([false, false]);
  });

  test("serves one request at a time when its time is over, until three have succeeded", () => {
    const book = newBook();
    fail(book, 5, now, "500");
    const over = now + 30_000;
    expect([book.trialLimit("a", up, over - 1), book.trialLimit("a", up, over)]).toEqual([undefined, 1]);
    for (let nth = 0; nth < 2; nth++) succeed(book, over);
    expect(book.trialLimit("a", up, over)).toBe(1);
    succeed(book, over);
    expect(book.trialLimit("a", up, over)).toBeUndefined();
  });

  test("is out again when it fails on trial, which the log says", () => {
    const book = newBook();
    fail(book, 5, now, "500");
    const [again] = fail(book, 1, now + 30_000, "500");
    expect(again).toMatchObject({ to: "ejected", by: "trial" });
    expect(again?.evidence).toBe("failed on trial: 500; out for 60000 ms");
  });

  test("is not kept out by one client that fails on its trial while probes are good", () => {
    const book = newBook();
    probe(book, "+");
    fail(book, 5, now, "500");
    const one = { origin: "a", ok: false, client: 7, detail: "500" };
    const after = Array.from({ length: 50 }, () => book.observed(one, now + 30_000));
    expect(after.every((transition) => transition === undefined)).toBe(true);
    expect(book.observed({ ...one, client: 8 }, now + 30_000)).toMatchObject({ by: "trial" });
  });

  test("has no limit where no other origin of the pool serves, nor where its sessions have stayed", () => {
    const book = newBook();
    fail(book, 5, now, "500");
    expect(book.trialLimit("a", (origin) => origin === "a", now + 30_000)).toBeUndefined();
    const stayed = newBook({ ...shop, sticky });
    probe(stayed, "+");
    fail(stayed, 5, now, "500");
    expect(stayed.trialLimit("a", up, now + 30_000)).toBeUndefined();
  });

  test("is back as soon as probes are good, if they were bad when it was ejected", () => {
    const book = newBook();
    probe(book, "+-");
    const [ejected] = fail(book, 5, now, "500");
    expect(ejected?.evidence).toBe(
      "5 failures in a row, last: 500; out for 30000 ms, or until probes are good",
    );
    probe(book, "++", now + 1_000);
    expect(book.isHealthy("a", now + 1_000)).toBe(true);
  });

  test("goes on being out for a record of an earlier version, and is on no trial after it", () => {
    const traffic = { failuresInRow: 4, lostInRow: 4, ejections: 1, ejectedUntilMs: now + 10 };
    const saved = { verdict: { state: "healthy", against: 0, sinceMs: 0 } as const, traffic };
    const book = newBook(shop, new Map([["a", saved]]));
    expect([book.isHealthy("a", now), book.isHealthy("a", now + 10)]).toEqual([false, true]);
    expect(book.trialLimit("a", up, now + 10)).toBeUndefined();
  });
});

describe("what one holder tells", () => {
  test("ejects nothing where its own way to the pool fails, and is told once", () => {
    const book = newBook();
    const good = (name: string) =>
      book.observed({ origin: name, ok: true, count: 20 }, now, { holder: "other" });
    for (const name of ["a", "b", "c"]) good(name);
    const seen = Array.from({ length: 30 }, (_, nth) =>
      book.observed(
        { origin: ["b", "c", "a"][nth % 3]!, ok: false, lost: true, certain: true, client: nth },
        now,
        {
          holder: "cut-off",
        },
      ),
    );
    expect(seen.filter((transition) => transition !== undefined)).toEqual([]);
    expect(book.takeWordsSetAside()).toMatchObject([{ holder: "cut-off", pool: "home" }]);
    expect(book.takeWordsSetAside()).toEqual([]);
  });
});
