/** How an expected error looks: what is wrong, then what to do about it. */
import { styleText } from "node:util";
import type { ExpectedError } from "../expected-error.ts";
import { wrapped } from "./wrap.ts";

/** A line that is longer than this is hard to read, however wide the terminal is. */
const widest = 100;

/** The columns for an error's text. */
export const errorWidth = (): number => Math.min(process.stderr.columns || 80, widest);

export function printError({ message, hint }: ExpectedError): void {
  const [sentence = "", ...rest] = message.split("\n\n");
  const lead = "weir: ";
  const text = wrapped(lead, sentence, errorWidth()).slice(lead.length);
  console.error([`${paint("red", "weir:")} ${text}`, ...rest].join("\n\n"));
  if (hint !== undefined)
    console.error(`\n${paint("dim", "→")} ${wrapped("  ", hint, errorWidth()).slice(2)}`);
}

const paint = (format: "red" | "dim", text: string): string =>
  styleText(format, text, { stream: process.stderr });
