/**
 * What each option is, from the comment above its key in `worker/config/sections/`: there maintainers read it, and the Worker does
 * not carry it. The files are in the project's format, so a comment stands on lines of its own, right above its key.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "..", "worker", "config", "sections");

/** The head of a section, or a comment with the option below it. */
const pattern =
  /\bsection\(\s*"(?<section>\w+)"|\/\*\*(?<comment>(?:[^*]|\*(?!\/))*)\*\/\s*(?<key>[\w$]+): (?:option|optional|required)\(/g;

const proseByOption = new Map<string, string>();
for (const file of globSync("*.ts", { cwd: folder })) {
  let section = "";
  for (const { groups } of readFileSync(join(folder, file), "utf8").matchAll(pattern)) {
    const { section: name, comment = "", key } = groups ?? {};
    if (name !== undefined) section = name;
    else proseByOption.set(`${section}.${key}`, comment.replaceAll(/\s*\n\s*\* ?/g, " ").trim());
  }
}

/** The Markdown above an option. Throws where there is none: such an option would be shown to no one. */
export function proseOf(section: string, key: string): string {
  const prose = proseByOption.get(`${section}.${key}`);
  if (prose === undefined || prose === "") {
    throw new Error(`${section}.${key}: no comment above the option says what it is`);
  }
  return prose;
}
