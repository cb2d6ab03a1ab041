/** An object parses each version of its section once. */
import { expect, test } from "vitest";

import type { ConfigSection } from "../../../../core/protocol/config-section.ts";
import { SectionReader } from "../../../../durable-objects/shell/section-reader.ts";

/** To parse a section is to look at the bindings. */
function start() {
  const count = { parses: 0 };
  const reader = new SectionReader({
    get HOST(): string {
      count.parses += 1;
      return "192.0.2.1";
    },
  });
  return { reader, count };
}

const section = (hash: string, maxConns: unknown = 4, order = 1): ConfigSection => ({
  version: { order, hash },
  name: "shop",
  target: "workerd",
  raw: { pools: [{ name: "home", origins: [{ name: "a", url: "http://${ENV:HOST}", maxConns }] }] },
});

test("a version is parsed once, with the variables of the deployment", () => {
  const { reader, count } = start();
  const read = reader.read(section("one"));
  expect(read).toHaveProperty("upstream.pools.0.origins.0.url", "http://192.0.2.1");
  expect(reader.read(section("one"))).toBe(read);
  expect(count.parses).toBe(1);
});

test("a later deployment of the same content is not parsed again, and another content is", () => {
  const { reader, count } = start();
  reader.read(section("one"));
  reader.read(section("one", 4, 2));
  expect(count.parses).toBe(1);
  expect(reader.read(section("two", 8, 3))).toHaveProperty("upstream.pools.0.origins.0.maxConns", 8);
  expect(count.parses).toBe(2);
});

test("a section of the same content by another name is another one", () => {
  const { reader } = start();
  reader.read(section("one"));
  expect(reader.read({ ...section("one"), name: "wide" })).toHaveProperty("upstream.name", "wide");
});

test("what is refused is refused again without being parsed again", () => {
  const { reader, count } = start();
  for (let nth = 0; nth < 3; nth++) expect(reader.read(section("bad", "many")).ok).toBe(false);
  expect(count.parses).toBe(1);
});

test("two versions in turn, as while deployments overlap, are parsed once each; of a hundred only the last are kept", () => {
  const { reader, count } = start();
  for (let nth = 0; nth < 10; nth++) reader.read(section(nth % 2 === 0 ? "one" : "two"));
  expect(count.parses).toBe(2);
  for (let nth = 0; nth < 100; nth++) reader.read(section(`of ${nth}`));
  reader.read(section("one"));
  expect(count.parses).toBe(103);
});
