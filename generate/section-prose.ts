/**
 * What each option is, from the comment above its key in `worker/config/sections/`: there maintainers read it, and the Worker does
 * not carry it. The files are in the project's format, so a comment stands on lines of its own, right above its key.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProseOf } from "./prose.ts";

/** The head of a section, or a comment with the option below it. */
const pattern =
  /\bsection\(\s*"(?<section>\w+)"|\/\*\*(?<comment>(?:[^*]|\*(?!\/))*)\*\/\s*(?<key>[\w$]+): (?:option|optional|required)\(/g;

/** Reads the prose in source files. It throws for an option without any: such an option would be shown without a word. */
export function proseIn(sources: readonly string[]): ProseOf {
  const proseByOption = new Map<string, string>();
  for (const source of sources) {
    // Options above the first section of a file are for all sections of it.
    const shared = new Map<string, string>();
    let section = "";
    for (const { groups } of source.matchAll(pattern)) {
      const { section: name, comment = "", key = "" } = groups ?? {};
      const prose = comment.replaceAll(/\s*\n\s*\* ?/g, " ").trim();
      if (name !== undefined) {
        section = name;
        for (const [key, prose] of shared) proseByOption.set(`${section}.${key}`, prose);
      } else if (section === "") shared.set(key, prose);
      else proseByOption.set(`${section}.${key}`, prose);
    }
  }
  return (section, key) => {
    const prose = proseByOption.get(`${section}.${key}`);
    if (prose) return prose;
    throw new Error(
      `${section}.${key}: no comment above the option says what it is; a section is a constant of its own`,
    );
  };
}

const folder = join(import.meta.dirname, "..", "worker", "config", "sections");

/** That of Weir's config. */
export const sectionProse: ProseOf = proseIn(
  globSync("*.ts", { cwd: folder }).map((file) => readFileSync(join(folder, file), "utf8")),
);
