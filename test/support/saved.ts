/** What an object finds in its storage when it starts. */
import type { SavedState } from "../../core/coordinator/effects.ts";

/** In its first incarnation. */
export const nothingSaved: SavedState = {
  epoch: 1,
  ceilings: [],
  health: new Map(),
  overrides: new Map(),
  sessions: [],
  budgets: new Map(),
};
