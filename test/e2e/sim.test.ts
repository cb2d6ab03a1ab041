/** `weir sim`, as a person runs it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { written } from "../support/scenario.ts";
import { runWeir } from "../support/weir-command.ts";

test("a small scenario gives a row for each policy, load and seed, the same ones each time, and a picture", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weir-sim-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "small.json");
  writeFileSync(file, JSON.stringify(written()));
  const run = async () => {
    const args = [
      "sim",
      "--scenario",
      file,
      "--policy",
      "adaptive,prequal",
      "--load",
      "0.5,0.8",
      "--seeds",
      "2",
    ];
    const sim = runWeir([...args, "--json", "--svg", folder]);
    expect(await sim.ended).toBe(0);
    expect(sim.stderr()).toMatch(/simulated requests per second/);
    return sim.stdout();
  };
  const output = await run();
  const rows: { policy: string; load: number; seed: number; requests: number; p99Ms: number }[] =
    JSON.parse(output);
  expect(rows.map(({ policy, load, seed }) => `${policy} ${load} ${seed}`)).toEqual([
    "adaptive 0.5 1",
    "adaptive 0.5 2",
    "adaptive 0.8 1",
    "adaptive 0.8 2",
    "prequal 0.5 1",
    "prequal 0.5 2",
    "prequal 0.8 1",
    "prequal 0.8 2",
  ]);
  for (const { requests, p99Ms } of rows) expect([requests > 100, p99Ms > 0]).toEqual([true, true]);
  expect(readFileSync(join(folder, "small.svg"), "utf8")).toContain("<svg");
  expect(await run()).toBe(output);
});

test("a policy that there is not ends it with 1, and the known ones are listed", async () => {
  const sim = runWeir(["sim", "--scenario", "sim/scenarios/e2-nine-rules.json", "--policy", "nonsense"]);
  expect(await sim.ended).toBe(1);
  expect(sim.stderr().replaceAll(/\s+/g, " ")).toMatch(
    /There is no policy "nonsense"\. Known: adaptive, .*prequal/,
  );
});
