/**
 * A copy of the state that `write.ts` wrote, as if that had been a moment ago: sessions, ceilings and budgets end by the clock.
 * workerd keeps the values of an object in SQLite, each as V8 serialises it, which Node reads and writes as well.
 */
import { cp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { deserialize, serialize } from "node:v8";

const written = join(import.meta.dirname, "e865157");
const hourMs = 3_600_000;

/** Copies the state to a state directory of `launchWeir`. */
export async function copyOldState(stateDir: string): Promise<void> {
  await cp(join(written, "objects"), join(stateDir, "objects"), { recursive: true });
  const { madeMs } = JSON.parse(await readFile(join(written, "made.json"), "utf8")) as { madeMs: number };
  const now = Date.now();
  const age = { ms: now - madeMs, hours: Math.floor(now / hourMs) - Math.floor(madeMs / hourMs) };
  for (const file of await objectFiles(stateDir)) {
    withRows(file, (database, rows) => {
      const update = database.prepare("UPDATE _cf_KV SET value = ? WHERE key = ?");
      for (const [key, value] of rows) update.run(serialize(rejuvenated(value, age)), key);
    });
  }
}

/** The keys and values of all upstreams' objects. */
export async function savedRows(stateDir: string): Promise<ReadonlyMap<string, unknown>> {
  const all = new Map<string, unknown>();
  for (const file of await objectFiles(stateDir))
    withRows(file, (_, rows) => rows.forEach((value, key) => all.set(key, value)));
  return all;
}

async function objectFiles(stateDir: string): Promise<readonly string[]> {
  const folder = join(stateDir, "objects", "weir-UpstreamState");
  const files = await readdir(folder);
  return files.filter((file) => /^[0-9a-f]{64}\.sqlite$/.test(file)).map((file) => join(folder, file));
}

function withRows(
  file: string,
  use: (database: DatabaseSync, rows: ReadonlyMap<string, unknown>) => void,
): void {
  const database = new DatabaseSync(file);
  try {
    const rows = database.prepare("SELECT key, value FROM _cf_KV").all() as {
      key: string;
      value: Uint8Array;
    }[];
    use(database, new Map(rows.map(({ key, value }) => [key, deserialize(value) as unknown])));
  } finally {
    database.close();
  }
}

/** Times (`seenMs`, `untilMs`) and numbers of hours (`period`) later by the state's age. */
function rejuvenated(value: unknown, age: { readonly ms: number; readonly hours: number }): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      if (typeof part !== "number") return [key, rejuvenated(part, age)];
      if (key === "period") return [key, part + age.hours];
      return [key, key === "seenMs" || key === "untilMs" ? part + age.ms : part];
    }),
  );
}
