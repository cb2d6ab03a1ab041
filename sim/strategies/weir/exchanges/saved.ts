/** The rows of an upstream's object, in memory: all that is left of it when it comes back. */
import type { RowKey, RowsByName } from "../../../../core/coordinator/rows.ts";
import type { RowStore } from "../../../../core/coordinator/saved-state.ts";

export class RowsInMemory implements RowStore {
  readonly #records = new Map<string, unknown>();

  get<Stored>({ key }: RowKey<Stored>): Stored | undefined {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the type of the row is that of what was put
    return this.#records.get(key) as Stored | undefined;
  }

  list<Stored>({ prefix }: RowsByName<Stored>): Map<string, Stored> {
    const records = new Map<string, Stored>();
    for (const [key, record] of this.#records) {
      if (!key.startsWith(prefix)) continue;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
      records.set(key.slice(prefix.length), record as Stored);
    }
    return records;
  }

  put<Stored>({ key }: RowKey<Stored>, record: NoInfer<Stored>): void {
    this.#records.set(key, record);
  }

  delete({ key }: RowKey<unknown>): void {
    this.#records.delete(key);
  }
}
