/** Which configuration an upstream's object goes by, while deployments overlap. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { rows } from "../../../../core/coordinator/rows.ts";
import type { ConfigSection } from "../../../../core/protocol/config-section.ts";
import { ConfigHolder, type ConfigNews } from "../../../../durable-objects/shell/config-holder.ts";
import { RowsInMemory } from "../../../../sim/strategies/weir/exchanges/saved.ts";

const raw = (maxConns: number | string) => ({
  pools: [{ name: "home", origins: [{ name: "a", url: "http://192.0.2.1", maxConns }] }],
});

const section = (order: number, maxConns: number | string): ConfigSection => ({
  version: { order, hash: `of ${maxConns}` },
  name: "shop",
  target: "workerd",
  raw: raw(maxConns),
});

const limitOf = (news: ConfigNews | undefined) =>
  typeof news === "object" ? news.pools[0]?.origins[0]?.maxConns : news;

function start(saved?: ConfigSection) {
  const written: ConfigSection[] = [];
  const adopted: ConfigSection[] = [];
  const store = new RowsInMemory();
  if (saved !== undefined) store.put(rows.section, saved);
  vi.spyOn(store, "put").mockImplementation((_, record) => void written.push(record as ConfigSection));
  const holder = new ConfigHolder(store, {}, (at) => void adopted.push(at));
  return { holder, written, adopted };
}

const events = (): unknown[] =>
  vi.mocked(console.log).mock.calls.map(([line]): unknown => JSON.parse(String(line)).event);

beforeEach(() => void vi.spyOn(console, "log").mockReturnValue());
afterEach(() => void vi.restoreAllMocks());

describe("an object that runs nothing yet", () => {
  test("asks for the section, and goes by it", () => {
    const { holder, written, adopted } = start();
    const { version } = section(1, 4);
    expect(holder.wakeUp()).toBeUndefined();
    expect(holder.recordVersion(version, undefined, false)).toBe("section-needed");
    expect(limitOf(holder.recordVersion(version, section(1, 4), false))).toBe(4);
    expect(written).toEqual([section(1, 4)]);
    expect(adopted).toEqual([section(1, 4)]);
  });

  test("goes by what its last incarnation went by, and writes nothing for that", () => {
    const { holder, written, adopted } = start(section(1, 4));
    expect(limitOf(holder.wakeUp())).toBe(4);
    expect(holder.recordVersion(section(1, 4).version, undefined, true)).toBe("as-before");
    expect(written).toEqual([]);
    expect(adopted).toEqual([section(1, 4)]);
  });

  test("asks again where what it has kept cannot be read any more", () => {
    const { holder } = start(section(1, "many"));
    expect(holder.wakeUp()).toBeUndefined();
    expect(holder.recordVersion(section(1, "many").version, undefined, false)).toBe("section-needed");
    expect(events()).toEqual(["config-refused"]);
  });
});

describe("an object that runs a configuration", () => {
  const running = (at = section(2, 4)) => {
    const started = start(at);
    started.holder.wakeUp();
    return started;
  };

  test("takes over a later one", () => {
    const { holder, written } = running();
    expect(holder.recordVersion(section(3, 8).version, undefined, true)).toBe("section-needed");
    expect(limitOf(holder.recordVersion(section(3, 8).version, section(3, 8), true))).toBe(8);
    expect(written).toEqual([section(3, 8)]);
  });

  test("keeps its own when it hears of an older one, and says so once", () => {
    const { holder, written } = running();
    for (let nth = 0; nth < 3; nth++) {
      expect(holder.recordVersion(section(1, 8).version, section(1, 8), true)).toBe("as-before");
    }
    expect(written).toEqual([]);
    expect(events()).toEqual(["config-older"]);
  });

  test("needs no section of a later deployment of the same content, and is not older than it afterwards", () => {
    const { holder, written } = running();
    expect(holder.recordVersion(section(5, 4).version, undefined, true)).toBe("as-before");
    expect(written).toEqual([section(5, 4)]);
    expect(holder.recordVersion(section(3, 8).version, section(3, 8), true)).toBe("as-before");
    expect(holder.section).toEqual(section(5, 4));
  });

  test("keeps its own where it cannot read a later one", () => {
    const { holder, written } = running();
    expect(holder.recordVersion(section(3, "many").version, section(3, "many"), true)).toBe("as-before");
    expect(written).toEqual([]);
    expect(holder.section).toEqual(section(2, 4));
    expect(events()).toEqual(["config-refused"]);
  });
});
