/**
 * JSON with comments (`.jsonc`), as editors take it for their own settings: comments, and a comma after the last item. It
 * becomes JSON in which every other character stays where it is, so that all that reads JSON, and tells its places, reads this too.
 */
import { createScanner } from "jsonc-parser";

/** The text with spaces for its comments and for the commas before `}` and `]`. A comment that does not end stays. */
export function toJson(jsonc: string): string {
  const scanner = createScanner(jsonc, false);
  const tokens: string[] = [];
  let last = "";
  let comma: number | undefined;
  for (;;) {
    scanner.scan();
    const token = jsonc.substr(scanner.getTokenOffset(), scanner.getTokenLength());
    if (token === "") return tokens.join("");
    const isComment = /^\/[/*]/.test(token);
    tokens.push(isComment && ends(token) ? token.replaceAll(/[^\r\n]/g, " ") : token);
    if (isComment || token.trim() === "") continue;
    if (/^[}\]]/.test(token) && comma !== undefined) tokens[comma] = " ";
    // Only after a value: what `[,]` lacks is not a comma too many.
    comma = token === "," && !/^(?:[{[,:]|$)/.test(last) ? tokens.length - 1 : undefined;
    last = token;
  }
}

const ends = (comment: string): boolean =>
  comment.startsWith("//") || (comment.endsWith("*/") && comment !== "/*/");
