/** The phases of a week, in order: what happens, how many browsers there are, and what must hold. */
import { slotsOf, type Setup } from "../setup/setup.ts";
import { drainAndStop, freeze, kill, restart, type Incident } from "./incidents.ts";
import type { Terms } from "./judge.ts";
import { calmPace, hurriedPace, type Pace } from "./visit.ts";

export interface Phase {
  readonly terms: Terms;
  readonly incident?: Incident;
  readonly pace: Pace;
  /** How many browsers there are. @param usual those of an ordinary day. */
  readonly browsers: (setup: Setup, usual: number) => number;
}

/** How many requests the site can have open, or home alone. */
export const slotsAt = (setup: Setup, pool?: "home"): number =>
  setup.instances.filter((instance) => pool === undefined || instance.pool === pool).length * slotsOf(setup);

const usually: Phase = {
  terms: { homeHasRoom: false },
  pace: calmPace,
  browsers: (_, usual) => usual,
};

export const phaseNames = ["calm", "kill", "restart", "freeze", "drain", "overload", "flood"] as const;
export type PhaseName = (typeof phaseNames)[number];

export const phases: Readonly<Record<PhaseName, Phase>> = {
  calm: { ...usually, terms: { homeHasRoom: true } },
  kill: { ...usually, incident: kill },
  restart: { ...usually, incident: restart },
  freeze: { ...usually, incident: freeze },
  drain: { ...usually, incident: drainAndStop },
  // More browsers than home has slots, each with hardly a pause.
  overload: {
    ...usually,
    pace: hurriedPace,
    browsers: (setup, usual) => Math.max(usual, 2 * slotsAt(setup, "home")),
  },
  // … than home and cloud have together.
  flood: {
    terms: { homeHasRoom: false, p99Ms: 1_500 },
    pace: hurriedPace,
    browsers: (setup, usual) => Math.max(usual, 3 * slotsAt(setup)),
  },
};
