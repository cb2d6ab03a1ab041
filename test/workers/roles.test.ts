/** Objects of class `WeirRole`, in workerd: the role by the name, what it remembers, and that no role's fault is another's. */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";

import type { HoldAsk, HoldReply } from "../../core/protocol/concurrency.ts";
import type { MaintenanceMessage, MaintenanceNews } from "../../core/protocol/maintenance.ts";
import type { RateAsk, RateReply } from "../../core/protocol/rate-limits.ts";
import type { RoleResult } from "../../core/protocol/role-object.ts";
import type { WeirRole } from "../../durable-objects/weir-role.ts";
import { patienceMs } from "../support/patience.ts";

async function ask(stub: DurableObjectStub<WeirRole>, terms: Partial<RateAsk>): Promise<RateReply> {
  const message: RateAsk = { key: [1, 2], intervalMs: 600_000, burst: 3, want: 1, ...terms };
  const result: RoleResult<RateReply> = JSON.parse(await stub.call(JSON.stringify(message)));
  return result.kind === "answer" ? result.answer : expect.unreachable(result.kind);
}

const rowsOf = (stub: DurableObjectStub<WeirRole>): Promise<number> =>
  runInDurableObject(stub, (_, { storage }) =>
    Number(storage.sql.exec("SELECT count(*) AS n FROM limits_states").one()["n"]),
  );

describe("the role limits", () => {
  test("counts for all who ask, each key by itself", async () => {
    const stub = () => env.ROLES.getByName("limits:counts");
    const granted: number[] = [];
    for (let nth = 0; nth < 4; nth++) granted.push((await ask(stub(), {})).granted);
    expect(granted).toEqual([1, 1, 1, 0]);
    expect((await ask(stub(), { key: [1, 3] })).granted).toBe(1);
    expect((await ask(env.ROLES.getByName("limits:other"), {})).granted).toBe(1);
  });

  test("what lasts longer than an object lives is known after an eviction, stored as one row of many keys", async () => {
    const stub = env.ROLES.getByName("limits:evicted");
    for (let low = 0; low < 50; low++) await ask(stub, { key: [7, low], want: 2, isLeased: true });
    await vi.waitFor(async () => expect(await rowsOf(stub)).toBe(1), patienceMs);
    await evictDurableObject(stub);
    expect((await ask(stub, { key: [7, 3], want: 9, isLeased: true })).granted).toBe(1);
    expect((await ask(stub, { key: [8, 3], want: 9, isLeased: true })).granted).toBe(3);
  });

  test("counts what is open at a time, too", async () => {
    const hold = async (holder: string, want: number): Promise<number> => {
      const ask: HoldAsk = { kind: "hold", key: [1, 2], most: 3, holder, nth: 1, open: 0, want };
      const result: RoleResult<HoldReply> = JSON.parse(
        await env.ROLES.getByName("limits:open").call(JSON.stringify(ask)),
      );
      return result.kind === "answer" ? result.answer.may : expect.unreachable(result.kind);
    };
    expect([await hold("one", 2), await hold("other", 2), await hold("third", 1)]).toEqual([2, 1, 0]);
  });

  test("what is over soon is not stored", async () => {
    const stub = env.ROLES.getByName("limits:short");
    await ask(stub, { intervalMs: 100 });
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(await rowsOf(stub)).toBe(0);
  });
});

describe("the role maintenance", () => {
  const say = async <Answer>(
    stub: DurableObjectStub<WeirRole>,
    message: MaintenanceMessage,
  ): Promise<Answer> => {
    const result: RoleResult<Answer> = JSON.parse(await stub.call(JSON.stringify(message)));
    return result.kind === "answer" ? result.answer : expect.unreachable(result.kind);
  };
  const look = (stub: DurableObjectStub<WeirRole>, known = 0) =>
    say<MaintenanceNews>(stub, { kind: "look", known });

  test("keeps orders through an eviction, in one row, and lookers that know them hear no more than that", async () => {
    const stub = () => env.ROLES.getByName("maintenance:kept");
    await say(stub(), { kind: "order", route: "shop", order: "on" });
    await say(stub(), { kind: "order", route: "api", order: "on", forMs: 600_000 });
    await say(stub(), { kind: "order", route: "blog", order: "on" });
    await say(stub(), { kind: "order", route: "blog", order: "off" });
    const { version, closed } = await look(stub());
    expect(closed).toMatchObject([{ route: "shop" }, { route: "api", leftMs: expect.any(Number) }]);
    await evictDurableObject(stub());
    expect(await look(stub())).toMatchObject({ version, closed: [{ route: "shop" }, { route: "api" }] });
    expect(await look(stub(), version)).toEqual({ version });
    await runInDurableObject(stub(), (_, { storage }) => {
      const tables = storage.sql.exec("SELECT name FROM sqlite_schema WHERE name LIKE 'maintenance%'");
      expect(tables.toArray()).toEqual([{ name: "maintenance_orders" }]);
      expect(storage.sql.exec("SELECT count(*) AS n FROM maintenance_orders").one()["n"]).toBe(1);
    });
  });

  test("an order that ends by itself is over by then, and not stored any more", async () => {
    const stub = env.ROLES.getByName("maintenance:over");
    await say(stub, { kind: "order", route: "shop", order: "on", forMs: 50 });
    await vi.waitFor(async () => expect((await look(stub)).closed).toEqual([]), patienceMs);
    await evictDurableObject(stub);
    expect((await look(stub)).closed).toEqual([]);
  });

  test("an order that cannot be stored does not hold", async () => {
    const stub = () => env.ROLES.getByName("maintenance:full-disk");
    await say(stub(), { kind: "order", route: "shop", order: "on" });
    await runInDurableObject(stub(), (_, { storage }) => {
      storage.sql.exec(
        "CREATE TRIGGER broken BEFORE INSERT ON maintenance_orders BEGIN SELECT RAISE(FAIL, 'full'); END",
      );
    });
    const failed = await stub().call(JSON.stringify({ kind: "order", route: "api", order: "on" }));
    expect(JSON.parse(failed)).toEqual({ kind: "failed" });
    expect((await look(stub())).closed).toMatchObject([{ route: "shop" }]);
  });
});

test("a name whose role is not known is refused, and nothing is stored under it", async () => {
  const stub = env.ROLES.getByName("later:1");
  expect(JSON.parse(await stub.call("{}"))).toEqual({ kind: "unknown-role" });
  await runInDurableObject(stub, (_, { storage }) => {
    const tables = storage.sql.exec("SELECT name FROM sqlite_schema WHERE name NOT LIKE '%cf%'").toArray();
    expect(tables).toEqual([]);
  });
});

test("a call that a role cannot read fails by itself: the role goes on", async () => {
  const stub = () => env.ROLES.getByName("limits:goes-on");
  await ask(stub(), {});
  expect(JSON.parse(await stub().call("no JSON"))).toEqual({ kind: "failed" });
  expect((await ask(stub(), { want: 9, isLeased: true })).granted).toBe(2);
});
