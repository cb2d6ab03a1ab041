/**
 * The same rules in Debian's nginx and Apache and in Weir as it ships: the same status and `Location`, the origin sees the same, and whatever differs stands in one table
 * with its reason (`test/servers/compared/`). Where a server is missing (`npm run servers` installs it), its tests are skipped.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { WeirConfig, WeirUpstreamConfig } from "../../worker/config/weir-config.ts";
import { askAll, compare, type Answers } from "../servers/compared/compare.ts";
import { differences } from "../servers/compared/differences/all.ts";
import type { ComparedServer, Difference } from "../servers/compared/differences/difference.ts";
import { exchange } from "../servers/compared/exchange.ts";
import { startNotingOrigin, type NotingOrigin } from "../servers/compared/noting-origin.ts";
import { hostOf } from "../servers/compared/rule-set.ts";
import { startComparedApache, startComparedNginx } from "../servers/compared/servers.ts";
import { ruleSets } from "../servers/compared/sets/all.ts";
import { isInstalled } from "../servers/debian.ts";
import { ask } from "../support/ask.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { eventually, startStack, type Stack } from "../support/stack.ts";

let folder: string;
let origin: NotingOrigin;
let stack: Stack;
const servers = new Map<ComparedServer, ServerProcess>();
const answers = new Map<string, readonly Answers[]>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-compared-"));
  origin = await startNotingOrigin();
  const options = { sets: ruleSets, origin: origin.authority };
  const [nginx, apache, weir] = await Promise.all([
    isInstalled.nginx && startComparedNginx({ ...options, folder: await newFolder("nginx") }),
    isInstalled.apacheOfToday && startComparedApache({ ...options, folder: await newFolder("apache") }),
    startStack({ origins: {}, config: configOfSets }),
  ]);
  stack = weir;
  if (nginx) servers.set("nginx", nginx);
  if (apache) servers.set("apache", apache);
  if (servers.size === 0) return;
  await eventually("Weir has the pages that replace errors", hasPages);
  const urls = new Map([...servers].map(([name, { url }]) => [name, url]));
  for (const set of ruleSets) answers.set(set.name, await askAll(set, stack.url, urls, origin));
});

afterAll(async () => {
  await stack.stop();
  await Promise.all([...servers.values()].map((server) => server.stop()));
  origin.close();
  await rm(folder, { recursive: true, force: true });
});

async function newFolder(name: string): Promise<string> {
  await mkdir(join(folder, name));
  return join(folder, name);
}

function configOfSets(): WeirConfig {
  const url = `http://${origin.authority}`;
  const site: WeirUpstreamConfig = {
    pools: [{ name: "home", origins: [{ name: "a", url }] }],
    health: false,
  };
  const own = ruleSets.filter(({ upstream }) => upstream !== undefined);
  return {
    target: "workerd",
    upstreams: {
      site,
      ...Object.fromEntries(own.map(({ name, upstream }) => [name, { ...site, ...upstream }])),
    },
    routes: ruleSets.flatMap((set) => set.weir.map((route) => ({ host: hostOf(set), ...route }))),
  };
}

/** It asks for them when it needs them first. */
async function hasPages(): Promise<boolean> {
  const headers = { Host: "errors.test", Accept: "text/html" };
  const pages = ["/status/404", "/status/500"].map((path) => ask(stack.url + path, { headers }));
  return (await Promise.all(pages)).every(({ body }) => body.toString().startsWith("page"));
}

const isThere: Readonly<Record<ComparedServer, boolean>> = {
  nginx: isInstalled.nginx,
  apache: isInstalled.apacheOfToday,
};

describe.each<ComparedServer>(["nginx", "apache"])("%s and Weir", (server) => {
  const compared = (name: string) => compare(answers.get(name) ?? [], server);

  test.skipIf(!isThere[server]).each(ruleSets)("make the same of $name: $about", ({ name }) => {
    expect(answers.get(name)?.length).toBeGreaterThan(9);
    expect(compared(name).unexplained).toEqual([]);
  });

  test.skipIf(!isThere[server])("differ in all that the table says", () => {
    const occurred = new Set<Difference>(ruleSets.flatMap(({ name }) => [...compared(name).occurred]));
    const said = differences.filter((row) => row[server] !== undefined);
    expect(said.filter((row) => !occurred.has(row)).map(({ asked }) => asked)).toEqual([]);
  });
});

test("downloads are rewritten, an ending is taken off, and all else is refused", async () => {
  const set = ruleSets.find(({ name }) => name === "media.example.org") ?? expect.unreachable();
  const get = (target: string) => exchange(stack.url, { set, target, kind: "get" }, origin);
  const rewritten = { status: 200, origin: "GET /download/cdn-west/mp3/file1.mp3" };
  expect(await get("/download/cdn-west/media/file1")).toEqual(rewritten);
  expect(await get("/download/cdn-west/media/file1.flv")).toEqual(rewritten);
  for (const target of ["/", "/other", "/download/cdn-west/mp3/file1.mp3"])
    expect(await get(target)).toEqual({ status: 403 });
});

test("a host is sent to its www, with path and query", async () => {
  const set = ruleSets.find(({ name }) => name === "example.org") ?? expect.unreachable();
  expect(await exchange(stack.url, { set, target: "/a?b=c", kind: "get" }, origin)).toEqual({
    status: 301,
    location: "http://www.example.org/a?b=c",
  });
});
