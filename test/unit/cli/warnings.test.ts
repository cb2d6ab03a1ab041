/** What is allowed in a config, but is seldom meant; and what a probe of `weir check` says. */
import { createServer } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { probeWarnings } from "../../../cli/check/probe-origins.ts";
import { configWarnings } from "../../../cli/config/warnings.ts";
import type { Config } from "../../../worker/config/sections/config.ts";
import { parseConfig } from "../../../worker/config/parse/parse.ts";
import weirConfig from "../../../weir.config.ts";
import { listening } from "./listening.ts";

function parsed(raw: unknown): Config {
  const config = parseConfig(raw, () => "s".repeat(40));
  if (!config.ok) throw new Error(JSON.stringify(config.issues));
  return config.config;
}

const origin = (name: string, url: string, more: object = {}) => ({ name, url, ...more });

/** One upstream with these pools of origins. */
const shop = (pools: readonly (readonly object[])[], more: object = {}, home: object = {}): Config =>
  parsed({
    target: "workerd",
    upstreams: {
      shop: {
        pools: pools.map((origins, index) => ({ name: `pool-${index}`, origins, ...(index === 0 && home) })),
        ...more,
      },
    },
    routes: [{ upstream: "shop" }],
  });

const limited = { maxConns: 8 };

describe("warnings of a config", () => {
  it("there are none for the project's own", () => {
    expect(configWarnings(parsed(weirConfig))).toEqual([]);
  });

  it("an API that answers on every host is named where a proxy stands in front", () => {
    const behind = (more: object): Config =>
      parsed({
        target: "workerd",
        upstreams: { shop: { pools: [{ name: "home", origins: [origin("a", "http://10.0.0.5:8080")] }] } },
        routes: [{ upstream: "shop" }],
        ...more,
      });
    const forwarding = { trusted: ["127.0.0.1"] };
    expect(configWarnings(behind({ forwarding }))).toMatchObject([
      { path: "admin.hosts", found: "all hosts", expected: expect.stringContaining("/_weir/") },
    ]);
    expect(configWarnings(behind({ forwarding, admin: { hosts: ["127.0.0.1"] } }))).toEqual([]);
    expect(configWarnings(behind({}))).toEqual([]);
  });

  it("one server written down twice, in whatever pools, is named with both places", () => {
    const twice = shop([
      [origin("a", "http://10.0.0.5:8080", limited)],
      [origin("b", "http://10.0.0.6:8080"), origin("c", "http://10.0.0.5:8080/")],
    ]);
    expect(configWarnings(twice)).toMatchObject([
      {
        path: "upstreams.shop.pools[1].origins[1].url",
        found: "the url of upstreams.shop.pools[0].origins[0]",
      },
    ]);
  });

  it("a home without limits never spills, unless its capacity is found out", () => {
    const pools = [
      [origin("a", "http://10.0.0.5:8080"), origin("b", "http://10.0.0.6:8080", limited)],
      [origin("c", "http://10.0.0.7:8080")],
    ];
    expect(configWarnings(shop(pools))).toMatchObject([
      {
        path: "upstreams.shop.pools[0]",
        found: "no maxConns for a",
        expected: expect.stringMatching(/capacity: "auto".*"pool-1" serves only while it is down/),
      },
    ]);
    expect(configWarnings(shop(pools, {}, { capacity: "auto" }))).toEqual([]);
    expect(configWarnings(shop(pools.slice(0, 1)))).toEqual([]);
  });

  it.each([
    ["http://10.0.0.5:443", "http: on port 443"],
    ["http://10.0.0.5:8443", "http: on port 8443"],
    ["https://10.0.0.5:80", "https: on port 80"],
  ])("%s is odd", (url, found) => {
    expect(configWarnings(shop([[origin("a", url)]]))).toMatchObject([{ found }]);
  });

  it("an upstream that no route leads to is named", () => {
    const upstream = { pools: [{ name: "home", origins: [origin("a", "http://10.0.0.5")] }] };
    const config = parsed({
      target: "workerd",
      upstreams: { used: upstream, "left.over": upstream },
      routes: [{ upstream: "used" }],
    });
    expect(configWarnings(config)).toMatchObject([{ path: 'upstreams["left.over"]' }]);
  });
});

describe("weir check --probe", () => {
  it("warns of origins that do not answer as their probes expect, with what to look at", async () => {
    const server = createServer(
      ({ url }, response) => void response.writeHead(url === "/ok" ? 200 : 400).end(),
    );
    onTestFinished(() => void server.close());
    const port = await listening(server);
    const free = createServer();
    const gone = await listening(free);
    await new Promise((done) => free.close(done));
    const config = (path: string): Config =>
      shop([[origin("a", `http://127.0.0.1:${port}`), origin("b", `http://127.0.0.1:${gone}`)]], {
        health: { path },
      });
    const refused = {
      path: "upstreams.shop.pools[0].origins[1]",
      place: ["upstreams", "shop", "pools", 0, "origins", 1],
      found: "a probe got no answer: refused",
      expected: expect.stringContaining(`Nothing listens on 127.0.0.1:${gone}`),
    };
    expect(await probeWarnings(config("/ok"))).toEqual([refused]);
    expect(await probeWarnings(config("/"))).toEqual([
      {
        path: "upstreams.shop.pools[0].origins[0]",
        place: ["upstreams", "shop", "pools", 0, "origins", 0],
        found: "a probe got 400",
        expected: expect.stringContaining("ALLOWED_HOSTS"),
      },
      refused,
    ]);
  });
});
