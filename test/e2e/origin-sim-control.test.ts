/** A fleet of simulated origins, and its control endpoint. */
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { defaultFleet, startFleet, type RunningFleet } from "../../origin-sim/fleet.ts";
import { startOrigin, type OriginOptions } from "../../origin-sim/server.ts";
import { ask, connectionRefused, json, type Got } from "../support/ask.ts";

function onAnyPort(options: OriginOptions): OriginOptions {
  return { ...options, port: 0 };
}

describe("a fleet", () => {
  it("that cannot be started says all that is wrong, and leaves nothing running", async () => {
    const [options] = defaultFleet().map(onAnyPort);
    if (options === undefined) throw new Error("the default fleet is empty");
    const taken = await startOrigin(options);
    onTestFinished(() => taken.close());
    const first = { ...options, name: "a" };
    await expect(
      startFleet({ origins: [first, { ...first, name: "b", port: taken.port }], controlPort: taken.port }),
    ).rejects.toThrow(/^origin b: port .* is taken; .*\ncontrol endpoint: port .* is taken; /);
    await expect(startFleet({ origins: [first, first] })).rejects.toThrow("two origins are named a");
  });
});

describe("the control endpoint", () => {
  let fleet: RunningFleet;
  beforeAll(async () => {
    fleet = await startFleet({ origins: defaultFleet().map(onAnyPort), controlPort: 0 });
  });
  afterEach(() => post("/origins/all/fault", { kind: "none" }));
  afterAll(() => fleet.close());

  function post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Got> {
    return ask(fleet.control.url + path, { method: "POST", body: JSON.stringify(body) ?? "", headers });
  }

  function faults(): string[] {
    return fleet.origins.map((origin) => origin.stats().fault.kind);
  }

  it("lists the default fleet: three small on-prem origins, three large cloud ones", async () => {
    const listed = json(await ask(`${fleet.control.url}/origins`));
    const row = (name: string, pool: string, slots: number) =>
      expect.objectContaining({ name, pool, slots, phase: "up" }) as unknown;
    expect(listed).toEqual({
      origins: [
        ...[1, 2, 3].map((n) => row(`on-prem-${n}`, "on-prem", 8)),
        ...[1, 2, 3].map((n) => row(`cloud-${n}`, "cloud", 32)),
      ],
    });
    expect(defaultFleet().map(({ port }) => port)).toEqual([9101, 9102, 9103, 9201, 9202, 9203]);
  });

  it("sets a fault on one origin, on a pool, on all, and answers with their stats", async () => {
    const one = await post("/origins/on-prem-2/fault", { kind: "slow", factor: 10 });
    expect(json(one)).toMatchObject({ name: "on-prem-2", fault: { kind: "slow", factor: 10 } });
    expect(faults()).toEqual(["none", "slow", "none", "none", "none", "none"]);
    expect(json(await post("/origins/pool:cloud/fault", { kind: "hang" }))).toHaveProperty(
      "origins.length",
      3,
    );
    expect(faults()).toEqual(["none", "slow", "none", "hang", "hang", "hang"]);
    await post("/origins/all/fault", { kind: "none" });
    expect(new Set(faults())).toEqual(new Set(["none"]));
  });

  it("kills, revives and resets the stats of an origin", async () => {
    const [origin] = fleet.origins;
    const url = origin?.url ?? "";
    await ask(url);
    expect(json(await post("/origins/on-prem-1/kill"))).toMatchObject({ phase: "dead", served: 1 });
    await expect(ask(url)).rejects.toMatchObject(connectionRefused);
    expect(json(await post("/origins/on-prem-1/revive"))).toMatchObject({ phase: "up" });
    expect((await ask(url)).status).toBe(200);
    expect(json(await post("/origins/on-prem-1/reset-stats"))).toMatchObject({ served: 0, arrived: 0 });
  });

  it.each([
    [
      "a fault it does not know",
      "/origins/all/fault",
      { kind: "explode" },
      400,
      'found kind "explode"; expected',
    ],
    ["a body that is not JSON", "/origins/all/fault", undefined, 400, "found nothing; expected one of"],
    ["an oversized body", "/origins/all/fault", { kind: "x".repeat(5000) }, 413, "larger than 4096 bytes"],
    [
      "an unknown origin",
      "/origins/on-prem-9/kill",
      undefined,
      404,
      'no origin "on-prem-9"; known: on-prem-1,',
    ],
    ["an unknown pool", "/origins/pool:x/kill", undefined, 404, "all, pool:on-prem, pool:cloud"],
    ["an unknown action", "/origins/all/explode", undefined, 404, "known: fault, kill, revive, reset-stats"],
    ["an unknown path", "/other", undefined, 404, "known: /origins, "],
    ["the wrong method", "/origins/all", undefined, 405, "POST /origins/all is not possible; expected GET"],
  ])("answers %s with what was found and what is accepted", async (_, path, body, status, text) => {
    const got = await post(path, body);
    expect(got.status).toBe(status);
    expect(json(got)).toHaveProperty("error", expect.stringContaining(text));
  });

  it("does not obey web pages", async () => {
    for (const headers of [{ Origin: "https://elsewhere.example" }, { Host: "elsewhere.example" }]) {
      expect((await post("/origins/all/kill", undefined, headers)).status).toBe(403);
    }
    expect(fleet.origins.map((origin) => origin.stats().phase)).not.toContain("dead");
  });
});
