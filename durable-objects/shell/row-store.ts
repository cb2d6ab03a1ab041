/** The rows of an object, in its SQLite storage. Which rows there are: `core/coordinator/rows.ts`. */
import type { RowKey, RowsByName } from "../../core/coordinator/rows.ts";
import type { RowStore } from "../../core/coordinator/saved-state.ts";
import type { ObjectUsage } from "../../core/protocol/upstream-view.ts";

export class StoredRows implements RowStore {
  readonly #kv: SyncKvStorage;
  #rowsRead = 0;
  #rowsWritten = 0;

  constructor({ kv }: DurableObjectStorage) {
    this.#kv = kv;
  }

  /** So far in this life of the object, as it is billed: each key read, put or deleted is a row. */
  get usage(): Pick<ObjectUsage, "rowsRead" | "rowsWritten"> {
    return { rowsRead: this.#rowsRead, rowsWritten: this.#rowsWritten };
  }

  get<Stored>({ key }: RowKey<Stored>): Stored | undefined {
    this.#rowsRead += 1;
    return this.#kv.get<Stored>(key);
  }

  list<Stored>({ prefix }: RowsByName<Stored>): Map<string, Stored> {
    const records = new Map<string, Stored>();
    for (const [key, record] of this.#kv.list<Stored>({ prefix }))
      records.set(key.slice(prefix.length), record);
    this.#rowsRead += records.size;
    return records;
  }

  put<Stored>({ key }: RowKey<Stored>, record: NoInfer<Stored>): void {
    this.#rowsWritten += 1;
    this.#kv.put(key, record);
  }

  delete({ key }: RowKey<unknown>): void {
    this.#rowsWritten += 1;
    this.#kv.delete(key);
  }
}
