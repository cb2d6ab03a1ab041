/** What a browser has seen of one request. Everything that is counted and judged afterwards is counted from these. */
import type { Failure } from "./exchange.ts";

export const kinds = ["page", "static", "form", "login", "post", "upload", "slow", "stream"] as const;
export type Kind = (typeof kinds)[number];

export interface BrowserRecord {
  /** The site's journal has it too. */
  readonly id: string;
  readonly browser: string;
  readonly kind: Kind;
  readonly method: "GET" | "POST";
  /** In ms since 1970, as in the journal. */
  readonly startedMs: number;
  readonly endedMs: number;
  readonly outcome:
    | { readonly kind: "answered"; readonly status: number; readonly instance?: string }
    | { readonly kind: "failed"; readonly failure: Failure };
  /** The answer was not what was asked for: another status, or not all of it. */
  readonly isWrong: boolean;
  /** The answer was for another session. */
  readonly isForeign: boolean;
  /** Another instance answered than the one before. */
  readonly hasMoved: boolean;
  /** A GET that met a connection which the front had closed was sent again, as browsers do. */
  readonly wasResent: boolean;
  /** The text of the note that it was to leave: no other has the same. Unless `isWrong` it was acknowledged. */
  readonly note?: string;
}

/** What went wrong, in a word or two; `undefined`: nothing. */
export function errorOf({ outcome, isWrong, method }: BrowserRecord): string | undefined {
  if (outcome.kind === "failed") return `${method} ${outcome.failure}`;
  if (!isWrong) return undefined;
  return `${method} ${outcome.status} ${outcome.instance === undefined ? "by the front" : "by the site"}`;
}
