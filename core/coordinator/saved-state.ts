/** What an object finds when it comes up: all that is left of its last life. Read from any store, as the table of rows says. */
import { stateRows, type RowKey, type RowsByName, type WakeUp } from "./rows.ts";

/** Where rows are kept. */
export interface RowStore {
  /** `undefined`: there is no such row. */
  get<Stored>(row: RowKey<Stored>): Stored | undefined;
  /** All rows of the kind, by name. */
  list<Stored>(rows: RowsByName<Stored>): Map<string, Stored>;
  put<Stored>(row: RowKey<Stored>, record: NoInfer<Stored>): void;
  delete(row: RowKey<unknown>): void;
}

/** Rows to write, by key; `undefined`: the row is to be deleted. */
export type RowChanges = ReadonlyMap<string, unknown>;

type RecordsOf<Rows> =
  Rows extends RowsByName<infer Stored>
    ? ReadonlyMap<string, Stored>
    : Rows extends RowKey<infer Stored>
      ? Stored | undefined
      : never;

type StateRecords = { readonly [Name in keyof typeof stateRows]: RecordsOf<(typeof stateRows)[Name]> };

export interface SavedState extends StateRecords {
  /** Greater in each incarnation. */
  readonly epoch: number;
}

/** Reads everything, counts one incarnation more, and drops rows whose time is over. */
export function openState(store: RowStore, at: WakeUp): SavedState {
  const table: Readonly<Record<string, RowKey<unknown> | RowsByName<unknown>>> = stateRows;
  const records = Object.entries(table).map(([name, of]) => [
    name,
    "prefix" in of ? openRows(store, of, at) : store.get(of),
  ]);
  const saved: StateRecords = Object.fromEntries(records);
  const epoch = (saved.epoch ?? 0) + 1;
  store.put(stateRows.epoch, epoch);
  return { ...saved, epoch };
}

function openRows<Stored>(
  store: RowStore,
  rows: RowsByName<Stored>,
  at: WakeUp,
): ReadonlyMap<string, Stored> {
  const records = store.list(rows);
  for (const [name, record] of records) {
    if (!rows.isOver(record, at)) continue;
    records.delete(name);
    store.delete(rows.of(name));
  }
  return records;
}

/** Writes what was handed out. */
export function applyRows(store: RowStore, changes: RowChanges): void {
  for (const [key, record] of changes) {
    if (record === undefined) store.delete({ key });
    else store.put<unknown>({ key }, record);
  }
}
