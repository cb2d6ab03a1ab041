/** The sentences that say of an option what it is, what it may be and what stands for it if it is not written. */
import type { Option, Part } from "../worker/config/section.ts";

/** The whole description of an option, as Markdown. */
export function sentencesOf(option: Option): string {
  const [bounds, byDefault] = [boundsOf(option.part), defaultOf(option)];
  const sentences = [option.prose];
  if (bounds !== "") sentences.push(`${bounds}.`);
  if (byDefault !== "") sentences.push(`Default: ${byDefault}.`);
  return sentences.join(" ");
}

/** Markdown with its links as their texts: they lead from docs/configuration.md to other pages. */
export const inPlainWords = (prose: string): string => prose.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");

/** What stands for an option that is not written, as Markdown; empty if it must be written, or goes without saying. */
export function defaultOf({ presence }: Option): string {
  if (presence === "required") return "";
  if ("absence" in presence) return presence.absence;
  const written = presence.default;
  if (typeof written === "object" && written !== null && Object.keys(written).length === 0)
    return Array.isArray(written) ? "none" : "";
  const text = typeof written === "number" ? String(written) : `\`${JSON.stringify(written)}\``;
  return presence.unless === undefined ? text : `${text}, or ${presence.unless}`;
}

/** The bounds of an option in words; empty where its kind has none. */
export function boundsOf({ about }: Part): string {
  switch (about.is) {
    case "value":
      return about.schema.meta()?.bounds ?? "";
    case "list":
    case "named":
      return `${about.least}–${about.most}`;
    case "section":
    case "switch":
      return "";
  }
}
