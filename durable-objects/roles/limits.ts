/**
 * The role `limits`: limits of a part of all keys, for the whole fleet. What it decides: `core/limits/rate-keeper.ts`, and of requests that are open at a
 * time `hold-keeper.ts`.
 *
 * It writes no row per request. What must outlive its memory is written together, once a second at most, as one row of many keys: an object
 * that is idle has written it all before it is evicted, and one that crashes has forgotten a second.
 */
import type { Millis } from "../../core/model/upstream.ts";
import type { HoldAsk } from "../../core/protocol/concurrency.ts";
import type { RateAsk } from "../../core/protocol/rate-limits.ts";
import { HoldKeeper } from "../../core/limits/hold-keeper.ts";
import { RateKeeper, type KeyState } from "../../core/limits/rate-keeper.ts";
import { packStates, unpackStates, mostInRow } from "../../core/limits/packed-states.ts";
import { logEvent } from "../../worker/telemetry/log-event.ts";
import type { Role, RoleHouse } from "./role.ts";

const storeEveryMs: Millis = 1_000;
/** From so many rows on, all that still matters is written anew, and the old ones go. */
const mostRows = 256;

export const keepLimits = ({ sql, part }: RoleHouse): Role => {
  const stored = new StoredStates(sql);
  const keeper = new RateKeeper(Date.now());
  for (const state of stored.load(Date.now())) keeper.restore(state);
  const holds = new HoldKeeper();
  let isStoring = false;
  const store = (): void => {
    isStoring = false;
    try {
      stored.add(keeper, Date.now());
    } catch (error) {
      logEvent({ event: "role-failed", object: `limits:${part}`, detail: String(error) });
    }
  };
  return {
    call: (json) => {
      const ask: RateAsk | HoldAsk = JSON.parse(json);
      if ("kind" in ask) return holds.answer(ask, Date.now());
      const reply = keeper.answer(ask, Date.now());
      if (keeper.hasUnstored && !isStoring) {
        isStoring = true;
        setTimeout(store, storeEveryMs);
      }
      return reply;
    },
  };
};

/** The rows: each has many keys, and when the last of them is over. */
class StoredStates {
  readonly #sql: SqlStorage;
  #rows = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS limits_states (id INTEGER PRIMARY KEY, over_ms REAL NOT NULL, states BLOB NOT NULL)",
    );
  }

  load(now: Millis): KeyState[] {
    this.#sql.exec("DELETE FROM limits_states WHERE over_ms <= ?", now);
    const rows = this.#sql.exec<{ states: ArrayBuffer }>("SELECT states FROM limits_states").toArray();
    this.#rows = rows.length;
    return rows.flatMap(({ states }) => unpackStates(states));
  }

  add(keeper: RateKeeper, now: Millis): void {
    const news = keeper.takeUnstored();
    if (this.#rows < mostRows) return this.#insert(news);
    this.#sql.exec("DELETE FROM limits_states");
    this.#rows = 0;
    this.#insert([...keeper.lasting(now)]);
  }

  #insert(states: readonly KeyState[]): void {
    for (let from = 0; from < states.length; from += mostInRow) {
      const { overMs, packed } = packStates(states.slice(from, from + mostInRow));
      this.#sql.exec("INSERT INTO limits_states (over_ms, states) VALUES (?, ?)", overMs, packed);
      this.#rows++;
    }
  }
}
