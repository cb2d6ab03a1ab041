/** What `weir start` says of unhealthy origins, at the start and while it runs. */
import { describe, expect, it } from "vitest";
import { TroubleReport, troubleLines, troublesOf } from "../../../cli/start/troubles.ts";
import { Coordinator } from "../../../core/coordinator/coordinator.ts";
import type { UpstreamView } from "../../../core/protocol/upstream-view.ts";
import { nothingSaved } from "../../support/saved.ts";
import { origin, pool, upstream } from "../../support/upstream.ts";

const hint = "let the server know its host";
const clock = (ms: number): string => `t${ms}`;
const minuteMs = 60_000;

/** The view when probes have seen each origin so for three rounds. */
function views(seen: Readonly<Record<string, boolean>>): UpstreamView[] {
  const shop = upstream({
    pools: [
      pool(
        "home",
        Object.keys(seen).map((name) => origin(name)),
      ),
    ],
  });
  const coordinator = new Coordinator(shop, nothingSaved, 0);
  for (let round = 0; round < 3; round++) {
    coordinator.probed(
      Object.entries(seen).map(([name, good]) =>
        good
          ? { origin: name, good, evidence: "200" }
          : { origin: name, good, evidence: "400 in 5 ms", hint },
      ),
      7,
    );
  }
  return [coordinator.view(7)];
}

describe("troubles on the screen", () => {
  it("are named with their evidence, and what they have in common is said once", () => {
    expect(troubleLines(troublesOf(views({ a: false, b: true, c: false })), clock, 100)).toEqual([
      "    shop/a  unhealthy since t7, probe: 400 in 5 ms",
      "    shop/c  unhealthy since t7, probe: 400 in 5 ms",
      `      → ${hint}`,
    ]);
  });

  it("are not those that an operator has ordered", () => {
    const taken = views({ a: false }).map((view) => ({
      ...view,
      pools: view.pools.map((one) => ({
        ...one,
        origins: one.origins.map((it) => ({ ...it, operator: "down" as const })),
      })),
    }));
    expect(troublesOf(taken)).toEqual([]);
  });
});

describe("while Weir runs", () => {
  const troubled = views({ a: false, b: true });
  const well = views({ a: true, b: true });

  it("a trouble is said at once with what to do, and so is its end", () => {
    const report = new TroubleReport(clock);
    expect(report.update(well, 0)).toEqual([]);
    expect(report.update(troubled, 8)).toEqual([
      `t8  ● shop/a is unhealthy since t7, probe: 400 in 5 ms. ${hint}`,
    ]);
    expect(report.update(troubled, 9)).toEqual([]);
    expect(report.update(well, 10)).toEqual(["t10  ● shop/a has recovered"]);
    expect(report.update(troubled, 11)).toHaveLength(1);
  });

  it("one that lasts is said again after a minute, and then every ten", () => {
    const report = new TroubleReport(clock);
    report.saidAll(troublesOf(troubled), 0);
    const saidAt = Array.from({ length: 32 }, (_, minute) => minute).filter(
      (minute) => report.update(troubled, minute * minuteMs).length > 0,
    );
    expect(saidAt).toEqual([1, 11, 21, 31]);
  });
});
