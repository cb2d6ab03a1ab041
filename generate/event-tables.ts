/**
 * The tables of docs/logs.md: the fields of an event between `<!-- event: NAME -->` and `<!-- end -->`, and several events, a row
 * each, between `<!-- events: NAME NAME … -->` and `<!-- end -->`. What they say are the comments in the types of events.
 */
import { markdownTable } from "./markdown-table.ts";
import type { EventType, Field } from "./event-types.ts";

const table = /(<!-- (event|events): ([\w -]+?) -->\n).*?(<!-- end -->)/gs;

/** The page with each table as the types have it. It throws for an event that the page does not have, and for one that there is not. */
export function withEventTables(page: string, events: readonly EventType[]): string {
  const shown = new Set<string>();
  const eventNamed = (name: string): EventType => {
    shown.add(name);
    const event = events.find((one) => one.name === name);
    if (event !== undefined) return event;
    throw new Error(`docs/logs.md has a table for ${name}, and there is no such event`);
  };
  const written = page.replaceAll(
    table,
    (whole, opening: string, kind: string, names: string, closing: string) => {
      if (whole.includes("<!-- event", 1)) throw new Error(`docs/logs.md: the table of ${names} has no end`);
      const rows =
        kind === "event"
          ? fieldRows(eventNamed(names).fields)
          : names.split(" ").map((name) => eventRow(eventNamed(name)));
      return `${opening}\n${markdownTable(rows)}\n\n${closing}`;
    },
  );
  const left = events.filter(({ name }) => !shown.has(name)).map(({ name }) => name);
  if (left.length > 0) throw new Error(`docs/logs.md has no table for ${left.join(", ")}`);
  return written;
}

const fieldRows = (fields: readonly Field[]) =>
  fields.map(({ name, isOptional, prose }) => ({
    field: `\`${name}\``,
    "in each line": isOptional ? "" : "yes",
    "what it is": prose,
  }));

const eventRow = ({ name, fields, prose }: EventType) => ({
  event: `\`${name}\``,
  meaning: prose,
  fields: fields.map((field) => `\`${field.name}\`: ${field.prose}`).join("; "),
});
