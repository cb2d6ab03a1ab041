/** The result on a terminal: a line a phase, and below it what failed. Pure. */
import { framelessTable } from "../../../cli/terminal/table.ts";
import { sum } from "./counts.ts";
import type { PhaseResult, RunResult } from "./run.ts";

const head = [
  "phase",
  "",
  "requests",
  "posts",
  "errors",
  "inside",
  "wrong",
  "lost",
  "doubled",
  "moved",
  "spilled",
  "p50",
  "p99",
];

export function resultText({ front, phases, faults }: RunResult): string {
  const table = framelessTable(head, 2);
  for (const phase of phases) table.push(row(phase));
  const notes = phases.flatMap(({ name, faults, happened }) => [
    ...happened.map((what) => `${name}: ${what}`),
    ...faults.map((fault) => `${name}: FAIL: ${fault}`),
  ]);
  const passed = faults.length === 0 && phases.every((phase) => phase.faults.length === 0);
  return [
    `${front}: ${passed ? "PASS" : "FAIL"}`,
    table.toString(),
    ...notes,
    ...faults.map((fault) => `the run: FAIL: ${fault}`),
  ].join("\n");
}

function row({ name, faults, counts }: PhaseResult): string[] {
  const numbers = [
    counts.requests,
    counts.posts,
    sum(counts.errors),
    sum(counts.inside),
    counts.wrongSessions,
    counts.lostPosts,
    counts.doubledPosts,
    counts.moved,
    counts.spilled,
  ];
  const times = [counts.p50Ms, counts.p99Ms].map((ms) => `${ms.toFixed(0)} ms`);
  return [name, faults.length === 0 ? "PASS" : "FAIL", ...numbers.map(String), ...times];
}
