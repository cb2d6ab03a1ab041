/** How an expected error looks: what is wrong, then what to do about it. */
import { styleText } from "node:util";
import type { ExpectedError } from "../expected-error.ts";

export function printError({ message, hint }: ExpectedError): void {
  console.error(`${paint("red", "weir:")} ${message}`);
  if (hint !== undefined) console.error(`\n${paint("dim", "→")} ${hint}`);
}

const paint = (format: "red" | "dim", text: string): string =>
  styleText(format, text, { stream: process.stderr });
