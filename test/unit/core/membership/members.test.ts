/** Who is a member, from its first word to its last, and what is refused. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Members, type MemberRules } from "../../../../core/membership/members.ts";
import type { Registration, Roster } from "../../../../core/protocol/members.ts";

const start = 1_000_000;
const everyMs = 10_000;

const rules: MemberRules = {
  pools: [
    { name: "cloud", everyMs, max: 2, allows: (url) => url.startsWith("http://10.") },
    { name: "edge", everyMs, max: 2, allows: () => true },
  ],
  listed: [{ name: "rack-1", url: "http://10.9.9.9:80" }],
};

const always = (): boolean => true;
const never = (): boolean => false;

function word(name: string, more: Partial<Registration> = {}): Registration {
  return {
    pool: "cloud",
    name,
    url: `http://10.0.0.1:${name.length}${name.length}`,
    saidMs: start,
    leaving: false,
    ...more,
  };
}

function open(saved?: Roster, config = rules): Members {
  return new Members(config, saved, start);
}

const names = ({ roster }: Members): string[] => roster.members.map(({ name }) => name);

/** The roster without what each member's clock was. */
const standing = (members: Members) => JSON.stringify(members.roster);

describe("an origin", () => {
  test("joins, and stays as long as it is heard; heartbeats change no roster, and are not persisted", () => {
    const members = open();
    expect(members.recordRegistration(word("a"), start, always)).toEqual({ kind: "joined" });
    expect(members.takeRoster()?.members).toMatchObject([{ name: "a", pool: "cloud", joinedMs: start }]);
    expect(members.look(start, always)).toEqual([{ origin: "a", pool: "cloud", to: "joined" }]);
    const { version, revision } = members;
    for (let now = start; now < start + 3_600_000; now += everyMs) {
      expect(members.recordRegistration(word("a", { saidMs: now }), now, always)).toEqual({
        kind: "renewed",
      });
      expect(members.look(now, always)).toEqual([]);
      expect(members.takeRoster()).toBeUndefined();
    }
    expect(members).toMatchObject({ version, revision });
  });

  test("that misses three heartbeats is drained, and removed when nothing is open on it", () => {
    const members = open();
    members.recordRegistration(word("a"), start, always);
    expect(members.look(start + 29_999, never)).toMatchObject([{ to: "joined" }]);
    expect(members.look(start + 30_999, never)).toEqual([
      { origin: "a", pool: "cloud", to: "draining", why: "silent" },
    ]);
    expect(members.viewOf("a", start + 31_000)).toMatchObject({ leaving: "silent", heartbeatAgeMs: 31_000 });
    expect(members.look(start + 60_000, never)).toEqual([]);
    expect(names(members)).toEqual(["a"]);
    expect(members.look(start + 70_000, always)).toEqual([
      { origin: "a", pool: "cloud", to: "gone", why: "silent" },
    ]);
    expect(names(members)).toEqual([]);
  });

  test("on which something stays open is removed after five minutes all the same", () => {
    const members = open();
    members.recordRegistration(word("a"), start, always);
    members.recordRegistration(word("a", { leaving: true }), start, always);
    expect(members.look(start + 299_000, never)).toMatchObject([{ to: "joined" }, { to: "draining" }]);
    expect(members.look(start + 300_000, never)).toMatchObject([{ to: "gone", why: "goodbye" }]);
  });

  test("says goodbye, asks again until it has gone, and may come back with a later word", () => {
    const members = open();
    members.recordRegistration(word("a"), start, always);
    const farewell = word("a", { leaving: true, saidMs: start + 5_000 });
    expect(members.recordRegistration(farewell, start + 5_000, always)).toEqual({ kind: "draining" });
    expect(members.recordRegistration(farewell, start + 6_000, always)).toEqual({ kind: "draining" });
    members.look(start + 6_000, always);
    expect(members.recordRegistration(farewell, start + 7_000, always)).toEqual({ kind: "gone" });
    // A copy of its last word, or of an earlier one, does not bring it back.
    expect(
      members.recordRegistration(word("a", { saidMs: start + 5_000 }), start + 8_000, always),
    ).toMatchObject({
      why: "out-of-order",
    });
    expect(members.recordRegistration(word("a", { saidMs: start + 6_000 }), start + 9_000, always)).toEqual({
      kind: "joined",
    });
  });

  test("that comes and goes twice is not brought back by what it said between the two farewells", () => {
    const members = open();
    const leaveAt = (now: number): void => {
      members.recordRegistration(word("a", { saidMs: now - 1_000 }), now - 1_000, always);
      members.recordRegistration(word("a", { leaving: true, saidMs: now }), now, always);
      members.look(now + 1_000, always);
    };
    leaveAt(start + 5_000);
    leaveAt(start + 15_000);
    expect(members.roster.gone).toEqual([{ name: "a", saidMs: start + 15_000, atMs: start + 16_000 }]);
    const copy = word("a", { saidMs: start + 14_000 });
    expect(members.recordRegistration(copy, start + 17_000, always)).toMatchObject({ why: "out-of-order" });
  });

  test("of a pool that is not in this configuration counts as gone", () => {
    expect(open().recordRegistration(word("a", { pool: "moon", leaving: true }), start, always)).toEqual({
      kind: "gone",
    });
  });
});

describe("refused, and nothing changes:", () => {
  function withTwo(): Members {
    const members = open();
    members.recordRegistration(word("a"), start, always);
    members.recordRegistration(word("bb"), start, always);
    members.look(start, never);
    members.takeRoster();
    return members;
  }
  const refused: [what: string, said: Registration, why: string, isInService?: (name: string) => boolean][] =
    [
      ["an unknown pool", word("c", { pool: "moon" }), "unknown-pool"],
      ["a URL outside of the list", word("c", { url: "http://169.254.169.254:80" }), "url-refused"],
      ["another URL under a name that is there", word("a", { url: "http://10.0.0.2:80" }), "name-taken"],
      ["the same name in another pool", word("a", { pool: "edge" }), "name-taken"],
      ["the name of a configured origin", word("rack-1"), "name-taken"],
      ["the URL of a configured origin", word("c", { pool: "edge", url: "http://10.9.9.9:80" }), "url-taken"],
      ["another's URL", word("c", { pool: "edge", url: word("a").url }), "url-taken"],
      ["one more than the pool takes", word("ccc"), "pool-full"],
      ["a word older than the last", word("a", { saidMs: start - 1_000 }), "out-of-order"],
      ["an older farewell", word("a", { saidMs: start - 1_000, leaving: true }), "out-of-order"],
      ["a heartbeat of one that an operator drains", word("a"), "out-of-service", (name) => name !== "a"],
      [
        "a newcomer that an operator has drained before",
        word("c", { pool: "edge" }),
        "out-of-service",
        never,
      ],
    ];
  test.each(refused)("%s", (_what, said, why, isInService = always) => {
    const members = withTwo();
    const before = standing(members);
    expect(members.recordRegistration(said, start + 1_000, isInService)).toEqual({ kind: "refused", why });
    expect(standing(members)).toBe(before);
    expect(members.takeRoster()).toBeUndefined();
  });

  test.each(["goodbye", "silence"])("a heartbeat after its %s, until it has gone", (how) => {
    const members = withTwo();
    const now = how === "silence" ? start + 40_000 : start + 1_000;
    if (how === "goodbye") members.recordRegistration(word("a", { leaving: true }), now, always);
    members.look(now, never);
    const before = standing(members);
    const again = word("a", { saidMs: now + 1_000 });
    expect(members.recordRegistration(again, now + 1_000, always)).toEqual({
      kind: "refused",
      why: "draining",
    });
    expect(standing(members)).toBe(before);
    members.look(now + 2_000, always);
    expect(members.recordRegistration(again, now + 3_000, always)).toEqual({ kind: "joined" });
  });
});

describe("after a loss of memory", () => {
  function afterwards(): { members: Members; saved: Roster } {
    const before = open();
    before.recordRegistration(word("a"), start, always);
    const saved = before.takeRoster() ?? expect.fail("joined, and not persisted");
    return { members: new Members(rules, saved, start + 600_000), saved };
  }

  test("members are there, each with all of its time from the first look on", () => {
    const { members, saved } = afterwards();
    expect(members.roster).toEqual(saved);
    expect(members.look(start + 600_000, always)).toEqual([]);
    expect(members.look(start + 629_000, always)).toEqual([]);
    expect(members.look(start + 630_000, never)).toMatchObject([{ to: "draining", why: "silent" }]);
  });

  test("however often memory is lost: a member that is never heard again goes", () => {
    let { saved } = afterwards();
    let now = start + 600_000;
    for (let life = 0; life < 5; life++, now += 20_000) {
      const members = new Members(rules, saved, now);
      members.look(now, always);
      saved = members.takeRoster() ?? saved;
    }
    expect(saved.members).toEqual([]);
  });

  test("one that is heard is known to live, which is noted once", () => {
    const { members } = afterwards();
    members.look(start + 600_000, always);
    expect(members.takeRoster()?.members).toMatchObject([{ quietSinceMs: start + 600_000 }]);
    members.recordRegistration(word("a", { saidMs: start + 605_000 }), start + 605_000, always);
    expect(members.takeRoster()?.members[0]).not.toHaveProperty("quietSinceMs");
    members.recordRegistration(word("a", { saidMs: start + 615_000 }), start + 615_000, always);
    expect(members.takeRoster()).toBeUndefined();
    expect(members.look(start + 631_000, always)).toEqual([]);
  });

  test("a drain goes on", () => {
    const before = open();
    before.recordRegistration(word("a"), start, always);
    before.recordRegistration(word("a", { leaving: true }), start, always);
    const members = new Members(rules, before.takeRoster(), start + 60_000);
    expect(
      members.recordRegistration(word("a", { saidMs: start + 60_000 }), start + 60_000, always),
    ).toMatchObject({
      why: "draining",
    });
    expect(members.look(start + 61_000, always)).toMatchObject([{ to: "gone", why: "goodbye" }]);
  });
});

test("a clock that is set back keeps no member that is silent, and none that leaves", () => {
  const members = open();
  members.recordRegistration(word("a"), start, always);
  members.recordRegistration(word("bb", { leaving: false }), start, always);
  members.recordRegistration(word("bb", { leaving: true }), start, always);
  members.look(start, always);
  const hourBefore = start - 3_600_000;
  expect(members.look(hourBefore, always)).toMatchObject([{ origin: "bb", to: "gone" }]);
  expect(members.look(hourBefore + 29_000, always)).toEqual([]);
  expect(members.look(hourBefore + 30_000, always)).toMatchObject([{ origin: "a", why: "silent" }]);
});

test("other rules remove the members that they would refuse, and keep the others", () => {
  const members = open();
  members.recordRegistration(word("a"), start, always);
  members.recordRegistration(word("bb", { pool: "edge" }), start, always);
  const { version } = members;
  members.reconfigure({ ...rules, pools: rules.pools.slice(1) }, start);
  expect(names(members)).toEqual(["bb"]);
  expect(members.version).toBeGreaterThan(version);
  members.recordRegistration(word("ccc", { pool: "edge" }), start, always);
  members.reconfigure({ ...rules, listed: [{ name: "bb", url: "http://10.1.1.1:80" }] }, start);
  expect(names(members)).toEqual(["ccc"]);
  members.reconfigure({ ...rules, listed: [{ name: "d", url: word("ccc").url }] }, start);
  expect(names(members)).toEqual([]);
});

test("whatever is said in whatever order: never more than the pool takes, no name or URL twice, and versions only grow", () => {
  const someWords = fc.array(
    fc.record({
      name: fc.constantFrom("a", "bb", "ccc", "dddd", "rack-1"),
      pool: fc.constantFrom("cloud", "edge"),
      port: fc.integer({ min: 1, max: 4 }),
      leaving: fc.boolean(),
      waitMs: fc.integer({ min: 0, max: 20_000 }),
      backMs: fc.integer({ min: 0, max: 15_000 }),
      isFree: fc.boolean(),
      forgets: fc.boolean(),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(someWords, (words) => {
      let members = open();
      let now = start;
      let version = 0;
      for (const { name, pool, port, leaving, waitMs, backMs, isFree, forgets } of words) {
        now += waitMs;
        const said = { name, pool, url: `http://10.0.0.1:${port}`, leaving, saidMs: now - backMs };
        const before = standing(members);
        const heard = members.recordRegistration(said, now, always);
        if (heard.kind === "refused") expect(standing(members)).toBe(before);
        members.look(now, () => isFree);
        const { roster } = members;
        for (const { name: each } of rules.pools) {
          expect(roster.members.filter(({ pool: own }) => own === each).length).toBeLessThanOrEqual(2);
        }
        expect(new Set(roster.members.map(({ url }) => url)).size).toBe(roster.members.length);
        expect(names(members)).not.toContain("rack-1");
        expect(roster.version).toBeGreaterThanOrEqual(version);
        ({ version } = roster);
        if (forgets) members = new Members(rules, members.roster, now);
      }
    }),
  );
});
