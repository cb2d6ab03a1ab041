/**
 * The demo while it runs. On a terminal: a picture that is redrawn, with a bar for each origin, as long as what it
 * has open. Elsewhere: a line for each thing that happens.
 */
import { createLogUpdate } from "log-update";
import type { RunningFleet } from "../../origin-sim/fleet.ts";
import type { OriginStats } from "../../origin-sim/server.ts";
import type { LoadRecord } from "../load/closed-loop.ts";
import { summarise } from "../load/summary.ts";
import { bold, cyan, dim, green, red } from "../terminal/style.ts";
import type { SiteFacts } from "./demo-config.ts";
import type { Phase, PhaseResult } from "./phase.ts";

export interface Progress {
  readonly phaseBegins: (phase: Phase) => void;
  readonly phaseEnded: (result: PhaseResult) => void;
  readonly onRecord: (record: LoadRecord) => void;
  readonly onEvent: (event: string) => void;
  /** Takes the picture away. To be called however the demo ends. */
  readonly end: () => void;
}

const redrawMs = 100;

/** Shows the progress on `stream`: drawn if it is a terminal, with the origins of the phase's site, else line by line. */
export function showProgress(
  fleet: RunningFleet,
  { origins }: Pick<SiteFacts, "origins">,
  stream: NodeJS.WriteStream,
): Progress {
  const originsOf = ({ site }: Phase): OriginStats[] =>
    fleet.origins.filter(({ name }) => origins.get(name)?.site === site).map((origin) => origin.stats());
  return stream.isTTY ? drawnProgress(originsOf, stream) : lineProgress(stream);
}

function lineProgress(stream: NodeJS.WriteStream): Progress {
  return {
    phaseBegins: ({ title, clients }) => stream.write(`${title}: ${clients} clients\n`),
    phaseEnded: (result) => stream.write(`  ${resultText(result)}\n`),
    onRecord: () => {},
    onEvent: (event) => stream.write(`  ${event}\n`),
    end: () => {},
  };
}

function drawnProgress(
  originsOf: (phase: Phase) => readonly OriginStats[],
  stream: NodeJS.WriteStream,
): Progress {
  const draw = createLogUpdate(stream);
  const done: string[] = [];
  let current: Phase | undefined;
  let events: string[] = [];
  let recent: LoadRecord[] = [];
  const redraw = (): void => {
    const nowMs = performance.now();
    recent = recent.filter(({ startedAtMs, latencyMs }) => nowMs - startedAtMs - latencyMs < 1000);
    const frame = current && phaseFrame(current, events, recent, originsOf(current));
    draw([...done, ...(frame === undefined ? [] : [frame])].join("\n"));
  };
  const timer = setInterval(redraw, redrawMs);
  return {
    phaseBegins: (phase) => {
      current = phase;
      events = [];
    },
    phaseEnded: (result) => {
      done.push(`${green("✓")} ${result.title.padEnd(titleWidth)} ${dim(resultText(result))}`);
      current = undefined;
      redraw();
    },
    onRecord: (record) => void recent.push(record),
    onEvent: (event) => void events.push(event),
    end: () => {
      clearInterval(timer);
      draw.clear();
      draw.done();
    },
  };
}

const titleWidth = 14;
const barWidth = 32;

/** The running phase: what happens, how fast it goes, and a bar for each origin. */
export function phaseFrame(
  { title, clients }: Phase,
  events: readonly string[],
  lastSecond: readonly LoadRecord[],
  origins: readonly OriginStats[],
): string {
  const { requests, errorCount, p50Ms } = summarise(lastSecond);
  const errors = errorCount === 0 ? "0 errors" : red(`${errorCount} errors`);
  const nameWidth = Math.max(...origins.map(({ name }) => name.length));
  return [
    `${cyan("▸")} ${bold(title.padEnd(titleWidth))} ${clients} clients  ${requests}/s  p50 ${Math.round(p50Ms)} ms  ${errors}`,
    ...events.map((event) => `    ${event}`),
    "",
    ...origins.map((origin) => `    ${origin.name.padEnd(nameWidth)}  ${originBar(origin)}`),
  ].join("\n");
}

function originBar({ open, slots, phase, fault }: OriginStats): string {
  if (phase === "dead") return red("dead");
  const used = Math.min(open, barWidth);
  const free = Math.max(0, Math.min(slots, barWidth) - used);
  const bar = `${"█".repeat(used)}${dim("·".repeat(free))}`;
  const note = fault.kind === "none" ? "" : `  ${red(fault.kind)}`;
  return `${fault.kind === "none" ? green(bar) : red(bar)}  ${open}/${slots}${note}`;
}

function resultText({ records }: PhaseResult): string {
  const { requests, errorCount, p50Ms, p99Ms } = summarise(records);
  return `${requests} requests, ${errorCount} errors, p50 ${Math.round(p50Ms)} ms, p99 ${Math.round(p99Ms)} ms`;
}
