/**
 * The option tables of docs/configuration.md, each between `<!-- options: PATH -->` and `<!-- end -->`. A section that has no table of
 * its own is part of that above it, with dotted keys (`hsts.maxAge`). One that stands in several places (`when`) has one table.
 */
import type { Option, Part } from "../worker/config/section.ts";
import { markdownTable } from "./markdown-table.ts";
import { boundsOf, defaultOf, type ProseOf } from "./prose.ts";
import { valueSchema } from "./value-schema.ts";

/** The path of the config itself, as issues call it. */
const rootPath = "(config)";

const table = /(<!-- options: (\S+) -->\n).*?(<!-- end -->)/gs;

/** The page with each table as the sections have it. */
export function withOptionTables(page: string, config: Part, proseOf: ProseOf): string {
  const anchors = anchorsOf(page, config);
  return page.replaceAll(table, (whole, opening: string, path: string, closing: string) => {
    if (whole.includes("<!-- options:", 1)) throw new Error(`docs/configuration.md: ${path} has no end`);
    const section = sectionAt(config, path);
    const rows = rowsOf(section, { path: path === rootPath ? "" : path, prefix: "" }, { anchors, proseOf });
    return `${opening}\n${markdownTable(rows)}\n\n${closing}`;
  });
}

/** The heading above the table of each section, by the section's name, as GitHub makes an anchor of it. */
function anchorsOf(page: string, config: Part): ReadonlyMap<string, string> {
  return new Map(
    Array.from(page.matchAll(table), ({ index, 2: path = "" }) => {
      const heading = Array.from(page.slice(0, index).matchAll(/^#+ (.*)$/gm)).at(-1)?.[1] ?? "";
      const letters = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "");
      return [sectionAt(config, path).name, letters.replaceAll(" ", "-")] as const;
    }),
  );
}

type Section = Extract<Part["about"], { is: "section" }>;

function sectionAt(config: Part, path: string): Section {
  const keys = path === rootPath ? [] : path.split(".");
  const found = keys.reduce<Part | undefined>((part, key) => {
    const about = part && on(part).about;
    if (about?.is === "section") return about.options[key]?.part;
    return key === "*" && (about?.is === "list" || about?.is === "named") ? about.item : undefined;
  }, config);
  const about = found && on(found).about;
  if (about?.is === "section") return about;
  throw new Error(`docs/configuration.md has a table for ${path}, and the config has no such section`);
}

/** The section of a switch; any other part itself. */
const on = (part: Part): Part => (part.about.is === "switch" ? part.about.section : part);

/** A type and no interface: its columns are the table's, in this order. */
type Row = {
  readonly key: string;
  readonly default: string;
  readonly bounds: string;
  readonly "what it is": string;
};

interface Place {
  /** Of a section in the config. */
  readonly path: string;
  /** What stands before its keys in the table. */
  readonly prefix: string;
}

interface Around {
  readonly anchors: ReadonlyMap<string, string>;
  readonly proseOf: ProseOf;
}

function rowsOf({ name, options }: Section, { path, prefix }: Place, around: Around): readonly Row[] {
  const rows: Row[] = [];
  for (const [key, option] of Object.entries(options)) {
    const at = path === "" ? key : `${path}.${key}`;
    const { about } = on(option.part);
    const isMany = about.is === "list" || about.is === "named";
    const item = isMany ? on(about.item).about : about;
    const anchor = item.is === "section" ? around.anchors.get(item.name) : undefined;
    const shown = `\`${prefix}${key}\``;
    const prose = around.proseOf(name, key);
    rows.push(rowOf(anchor === undefined ? shown : `[${shown}](#${anchor})`, option, prose));
    if (anchor !== undefined) continue;
    if (isMany) throw new Error(`docs/configuration.md has no table for ${at}.*`);
    if (about.is === "section") rows.push(...rowsOf(about, { path: at, prefix: `${prefix}${key}.` }, around));
  }
  return rows;
}

const rowOf = (key: string, option: Option, prose: string): Row => ({
  key,
  default: option.presence === "required" ? "required" : defaultOf(option),
  bounds: boundsOf(option.part) || wordsOf(option, prose),
  "what it is": prose,
});

/** The words that may be written, unless the prose says them all. */
function wordsOf({ part }: Option, prose: string): string {
  if (part.about.is === "switch") return "`true`, `false`, or an object";
  if (part.about.is !== "value") return "";
  const words = (valueSchema(part.about.schema).enum ?? []).map((word) => `\`${JSON.stringify(word)}\``);
  return words.every((word) => prose.includes(word)) ? "" : words.join(", ");
}
