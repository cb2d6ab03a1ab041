/** What an object finds in its storage when it starts. */
import {
  applyRows,
  openState,
  type RowChanges,
  type SavedState,
} from "../../core/coordinator/saved-state.ts";
import { RowsInMemory } from "../../sim/strategies/weir/exchanges/saved.ts";

/** In its first incarnation. */
export const nothingSaved: SavedState = openState(new RowsInMemory(), { now: 0 });

/** A store that holds what was to be written, in that order. */
export function storeOf(...written: readonly RowChanges[]): RowsInMemory {
  const store = new RowsInMemory();
  for (const changes of written) applyRows(store, changes);
  return store;
}

/** What the incarnation after the first finds after that. */
export function savedAfter(...written: readonly RowChanges[]): SavedState {
  return { ...openState(storeOf(...written), { now: 0 }), epoch: 2 };
}
