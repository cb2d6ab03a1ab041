/** What the site remembers on disk (`site/app/records.py`): notes by user, and what each instance has begun and ended. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface SiteRecords {
  /** Each note's text, as often as it was taken. */
  readonly notes: readonly string[];
  readonly journal: readonly JournalEntry[];
}

export interface JournalEntry {
  readonly instance: string;
  readonly requestId: string;
  /** In ms since 1970. */
  readonly begunMs: number;
  /** Absent: it never ended. */
  readonly endedMs?: number;
}

export async function readSiteRecords(folder: string): Promise<SiteRecords> {
  const names = await readdir(folder);
  const read = (name: string) => readFile(join(folder, name), "utf8");
  const notes = await Promise.all(names.filter((name) => name.startsWith("notes-")).map(read));
  const journals = names.flatMap((name) => {
    const instance = /^journal-(\d+)\.log$/.exec(name)?.[1];
    return instance === undefined ? [] : [{ name, instance }];
  });
  const entries = await Promise.all(
    journals.map(async ({ name, instance }) => parseJournal(instance, await read(name))),
  );
  return { notes: notes.flatMap(parseNotes), journal: entries.flat() };
}

/** The texts of lines `ID TEXT PORT`. */
export const parseNotes = (text: string): readonly string[] =>
  linesOf(text).flatMap((line) => line.split(" ")[1] ?? []);

/** Lines `+ ID TIME` and `- ID TIME`, in the order of time; an id may be begun several times. */
export function parseJournal(instance: string, text: string): readonly JournalEntry[] {
  const entries: JournalEntry[] = [];
  const open = new Map<string, number>();
  for (const line of linesOf(text)) {
    const [sign, requestId = "", time] = line.split(" ");
    if (sign === "+") {
      open.set(requestId, entries.length);
      entries.push({ instance, requestId, begunMs: Number(time) });
    } else {
      const index = open.get(requestId) ?? -1;
      const entry = entries[index];
      if (entry) entries[index] = { ...entry, endedMs: Number(time) };
    }
  }
  return entries;
}

const linesOf = (text: string): readonly string[] => text.split("\n").filter((line) => line !== "");
