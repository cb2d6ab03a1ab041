/** A parser and the texts that cost it most. */
import type { Shape } from "./shapes.ts";

export interface Parser {
  /** `path#name` of the exports that it measures. */
  readonly of: readonly string[];
  readonly shapes: readonly Shape[];
  /** How long its longest text is; by default as long as headers may be. */
  readonly chars?: number;
  /** What it does with a text, as something to be measured; what a platform does to hand the text over is not part of it. */
  readonly reads: (text: string) => () => unknown;
}

/** The side of it that a client sees. */
export const client = { scheme: "https", authority: "shop.test" };
/** A value as a field may have it: `Headers` takes neither line breaks nor blanks at the ends. */
export const field = (name: string, text: string): Record<string, string> => ({ [name]: text.trim() });
