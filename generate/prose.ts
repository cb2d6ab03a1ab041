/** The sentences that say of an option what it is, what it may be and what stands for it if it is not written. */
import type { Option, Part } from "../worker/config/section.ts";

/** The Markdown that says what an option is. */
export type ProseOf = (section: string, key: string) => string;

/** The whole description of an option, in plain text: its prose, bounds and default. */
export function sentencesOf(prose: string, option: Option): string {
  const [bounds, byDefault] = [boundsOf(option.part), defaultOf(option)];
  const sentences = [prose];
  if (bounds !== "") sentences.push(`${bounds}.`);
  if (byDefault !== "") sentences.push(`Default: ${byDefault}.`);
  return inPlainWords(sentences.join(" "));
}

/** Markdown with its links as their texts: they lead from docs/configuration.md to other pages. */
export const inPlainWords = (prose: string): string => prose.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");

/** What stands for an option that is not written, as Markdown; empty if it must be written, or goes without saying. */
export function defaultOf({ part, presence }: Option): string {
  if (presence === "required") return "";
  if ("absence" in presence) return presence.absence;
  const written = presence.default;
  if (typeof written === "object" && written !== null && Object.keys(written).length === 0) {
    return part.about.is === "section" ? "" : "none";
  }
  const json = Array.isArray(written)
    ? `[${written.map((each) => JSON.stringify(each)).join(", ")}]`
    : JSON.stringify(written);
  const text = typeof written === "number" ? json : `\`${json}\``;
  return presence.unless === undefined ? text : `${text}, or ${presence.unless}`;
}

/** The bounds of an option in words; empty where its kind has none. */
export function boundsOf({ about }: Part): string {
  switch (about.is) {
    case "value": {
      const bounds = about.schema.meta()?.["bounds"];
      return typeof bounds === "string" ? bounds : "";
    }
    case "list":
    case "named":
      return `${about.least}–${about.most.toLocaleString("en")}`;
    case "section":
    case "switch":
      return "";
  }
}
