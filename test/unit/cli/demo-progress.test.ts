/** The demo's picture of a running phase. Without a terminal there are no colours in it. */
import { describe, expect, it } from "vitest";
import { phaseFrame } from "../../../cli/demo/progress.ts";
import { story } from "../../../cli/demo/story.ts";
import { noFault } from "../../../origin-sim/model/fault.ts";
import type { OriginStats } from "../../../origin-sim/server.ts";

const idle: OriginStats = {
  name: "on-prem-1",
  url: "http://127.0.0.1:9101",
  phase: "up",
  fault: noFault,
  slots: 8,
  busy: 0,
  queued: 0,
  open: 0,
  peakOpen: 0,
  arrived: 0,
  served: 0,
  cut: 0,
  abandoned: 0,
  dropped: 0,
  refused: 0,
  recycled: 0,
  statuses: {},
};

function frame(origins: readonly OriginStats[]): string[] {
  const [phase] = story;
  if (phase === undefined) throw new Error("the story is empty");
  return phaseFrame(phase, ["on-prem-1 killed"], [], origins).split("\n");
}

describe("the picture of a phase", () => {
  it("has a bar for each origin, as long as what it has open", () => {
    const lines = frame([idle, { ...idle, name: "b", open: 3 }, { ...idle, name: "c", open: 12, slots: 8 }]);
    expect(lines.slice(-3)).toEqual([
      "    on-prem-1  ········  0/8",
      "    b          ███·····  3/8",
      "    c          ████████████  12/8",
    ]);
  });

  it("says of a broken origin what is wrong with it", () => {
    const lines = frame([
      { ...idle, phase: "dead" },
      { ...idle, open: 8, fault: { kind: "hang" } },
    ]);
    expect(lines.slice(-2)).toEqual(["    on-prem-1  dead", "    on-prem-1  ████████  8/8  hang"]);
  });

  it("shows what happened, and fits 80 columns", () => {
    const lines = frame([{ ...idle, name: "on-prem-1", open: 500, slots: 500 }]);
    expect(lines).toContain("    on-prem-1 killed");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe("the story", () => {
  it("begins with a steady phase, from which the promises know what is normal", () => {
    expect(story.map(({ name }) => name)).toEqual([
      "steady",
      "flash-crowd",
      "killed",
      "revived",
      "hanging",
      "cleared",
      "all-dead",
      "recovery",
      "sessions",
      "budget",
      "growth",
    ]);
  });
});
