/** A crowd visits a stack of its own, phase after phase; what came of it is counted and judged. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../../../core/model/random.ts";
import { filesOf, setupOf, type Front } from "../setup/setup.ts";
import { freePortsInRow } from "../stack/free-ports.ts";
import { bringUp, type RunningStack } from "../stack/up.ts";
import { Browser } from "./browser.ts";
import { count, type Counts, type Death } from "./counts.ts";
import { frontControl, logSince } from "./front.ts";
import { faultsOf, faultsOfRun } from "./judge.ts";
import { phases, slotsAt, type PhaseName } from "./phases.ts";
import type { BrowserRecord } from "./record.ts";
import { readSiteRecords } from "./site-records.ts";
import { failuresIn, needlessSpills, reasonsOf } from "./spills.ts";
import { visit } from "./visit.ts";

export interface CrowdOptions {
  readonly front: Front;
  readonly phases: readonly PhaseName[];
  /** How long each phase lasts, at least. */
  readonly phaseMs: number;
  /** Browsers of an ordinary day. */
  readonly browsers: number;
  readonly seed: number;
  /** Ends it early; what was brought up is taken down. */
  readonly signal?: AbortSignal;
  readonly onPhase?: (result: PhaseResult) => void;
}

export interface PhaseResult {
  readonly name: PhaseName;
  readonly counts: Counts;
  /** Why requests left home, by the front's own word; empty where it has none. */
  readonly spills: Readonly<Record<string, number>>;
  readonly happened: readonly string[];
  /** Empty: it passes. */
  readonly faults: readonly string[];
}

export interface RunResult {
  readonly front: Front;
  readonly seed: number;
  readonly phases: readonly PhaseResult[];
  /** Of the run as a whole. */
  readonly faults: readonly string[];
}

const replicas = 3;
/** Instances of home and cloud, and the front. */
const ports = 6;
const recoversWithinMs = 30_000;

/** Brings up a stack, lets the crowd visit it, and takes it down. Rejects if the stack cannot be brought up. */
export async function runCrowd(options: CrowdOptions): Promise<RunResult> {
  const folder = await mkdtemp(join(tmpdir(), "weir-crowd-"));
  try {
    const basePort = await freePortsInRow(ports);
    const setup = setupOf({
      folder,
      front: options.front,
      replicas,
      basePort,
      frontPort: basePort + ports - 1,
    });
    const stack = await bringUp(setup, options.signal);
    try {
      const results: PhaseResult[] = [];
      for (const name of options.phases) {
        options.signal?.throwIfAborted();
        const result = await runPhase(stack, name, results.length, options);
        results.push(result);
        options.onPhase?.(result);
      }
      const faults = faultsOfRun(results.map(({ counts }) => counts));
      return { front: options.front, seed: options.seed, phases: results, faults };
    } finally {
      await stack.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runPhase(
  stack: RunningStack,
  name: PhaseName,
  nth: number,
  { browsers: usual, phaseMs, seed, signal }: CrowdOptions,
): Promise<PhaseResult> {
  const { setup, url, supervisor } = stack;
  const phase = phases[name];
  const files = filesOf(setup);
  const accessLog = setup.front === "weir" ? join(files.weirState, "access.log") : undefined;
  const logged = accessLog === undefined ? 0 : (await logSince(accessLog, 0)).bytes;
  const records: BrowserRecord[] = [];
  const deaths: Death[] = [];
  const happened: string[] = [];
  const browsers = Array.from(
    { length: phase.browsers(setup, usual) },
    (_, index) =>
      new Browser({
        name: `${name}-${nth}-${index}`,
        url,
        address: `127.1.${nth}.${index + 1}`,
        onRecord: (record) => records.push(record),
      }),
  );
  const over = new AbortController();
  const ends = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
  const visits = browsers.map((browser, index) =>
    visit(browser, phase.pace, seededRandom(seed + nth * 1_000 + index), ends),
  );
  try {
    const random = seededRandom(seed + nth * 1_000 + 999);
    const scene = {
      stack,
      front: frontControl(stack),
      phaseMs,
      random,
      onDeath: (death: Death) => deaths.push(death),
      say: (what: string) => happened.push(what),
    };
    await Promise.all([sleep(phaseMs, undefined, signal && { signal }), phase.incident?.(scene)]);
  } finally {
    over.abort();
    await Promise.all(visits);
    for (const browser of browsers) browser.close();
  }
  if (!(await supervisor.allRun(recoversWithinMs))) happened.push("not all programs run again");
  const cloud = setup.instances.filter(({ pool }) => pool === "cloud").map(({ port }) => String(port));
  const site = await readSiteRecords(files.records);
  const counts = count({ records, site, deaths, cloud: new Set(cloud) });
  const requests = accessLog === undefined ? [] : (await logSince(accessLog, logged)).requests;
  // A front without such a log does not say why a request left home.
  const needless =
    accessLog === undefined ? counts.spilled : needlessSpills(requests, slotsAt(setup, "home"));
  const faults = faultsOf({ ...counts, needless }, phase.terms);
  happened.push(...failuresIn(requests));
  return { name, counts, spills: reasonsOf(requests), happened, faults };
}
