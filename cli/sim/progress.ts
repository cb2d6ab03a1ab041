/** The simulator while it runs: on a terminal a bar that fills, elsewhere a line when a policy is done with a load. */
import { createLogUpdate } from "log-update";
import type { Row } from "../../sim/engine/results.ts";
import type { Scenario } from "../../sim/scenario/scenario.ts";
import { cyan, dim } from "../terminal/style.ts";

export interface Progress {
  readonly begins: (run: { readonly policy: string; readonly load: number; readonly seed: number }) => void;
  /** How much of the run is done, 0–1. */
  readonly at: (share: number) => void;
  readonly runEnded: (row: Row) => void;
  /** Takes the bar away. To be called however it ends. */
  readonly end: () => void;
}

const redrawMs = 100;
const barWidth = 32;

/** Shows the progress of so many runs on `stream`: drawn if it is a terminal, else line by line. */
export function showProgress(scenario: Scenario, runs: number, stream: NodeJS.WriteStream): Progress {
  stream.write(`${dim(`${scenario.name}: ${runs} runs`)}\n`);
  return stream.isTTY ? drawnProgress(runs, stream) : lineProgress(stream);
}

function lineProgress(stream: NodeJS.WriteStream): Progress {
  return {
    begins: () => {},
    at: () => {},
    runEnded: ({ policy, load, seed, p99Ms }) =>
      stream.write(`${policy}, load ${load}, seed ${seed}: ${outcome(p99Ms)}\n`),
    end: () => {},
  };
}

function outcome(p99Ms: number): string {
  return Number.isNaN(p99Ms) ? "nothing was answered" : `p99 ${Math.round(p99Ms)} ms`;
}

function drawnProgress(runs: number, stream: NodeJS.WriteStream): Progress {
  const draw = createLogUpdate(stream);
  let done = 0;
  let current = "";
  let drawnAtMs = 0;
  const redraw = (share: number): void => {
    const nowMs = performance.now();
    if (nowMs - drawnAtMs < redrawMs) return;
    drawnAtMs = nowMs;
    draw(progressLine((done + share) / runs, done, runs, current));
  };
  return {
    begins: ({ policy, load, seed }) => {
      current = `${policy}, load ${load}, seed ${seed}`;
      redraw(0);
    },
    at: redraw,
    runEnded: () => {
      done++;
      redraw(0);
    },
    end: () => {
      draw.clear();
      draw.done();
    },
  };
}

/** The line of the terminal: a bar, what is done of what there is, and what runs now. */
export function progressLine(share: number, done: number, runs: number, current: string): string {
  const filled = Math.round(share * barWidth);
  const bar = `${cyan("█".repeat(filled))}${dim("·".repeat(barWidth - filled))}`;
  return `${bar}  ${done}/${runs}  ${current}`;
}
