/** How an expected error looks: what is wrong, then what to do about it. */
import { styleText } from "node:util";
import type { ExpectedError } from "../expected-error.ts";
import { wrapped } from "./wrap.ts";

/** A line that is longer than this is hard to read, however wide the terminal is. */
const widest = 100;

/** The columns for an error's text. */
export const errorWidth = (): number => Math.min(process.stderr.columns || 80, widest);

/** The first paragraph of the message and of the hint is wrapped; what follows has its lines already. */
export function printError({ message, hint }: ExpectedError): void {
  console.error(paragraphs("weir:", "red", message));
  if (hint !== undefined) console.error(`\n${paragraphs("→", "dim", hint)}`);
}

/** As an error's message: the first paragraph is wrapped. */
export function printWarning(text: string): void {
  console.error(paragraphs("Warning:", "yellow", text));
}

function paragraphs(word: string, format: "red" | "yellow" | "dim", text: string): string {
  const [first = "", ...rest] = text.split("\n\n");
  return [led(word, format, first), ...rest].join("\n\n");
}

/** The text after a painted word, and below its own first letter. */
function led(word: string, format: "red" | "yellow" | "dim", text: string): string {
  const lines = wrapped(`${word} `, text, errorWidth()).slice(word.length);
  return `${styleText(format, word, { stream: process.stderr })}${lines}`;
}
