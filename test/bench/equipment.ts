/** What has to be installed before a run: the load generator, without which there is none, and rungs of others. */
import { ExpectedError } from "../../cli/expected-error.ts";
import { requireProgram } from "../support/debian-program.ts";
import type { Rung } from "./rung.ts";
import { wrk } from "./wrk.ts";

/** A rung that cannot be measured here. */
export interface LeftOut {
  readonly target: string;
  readonly because: string;
}

export interface Equipment {
  readonly rungs: readonly Rung[];
  readonly leftOut: readonly LeftOut[];
  /** Of the programs, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * Installs what it may.
 * @throws ExpectedError if there is no load generator.
 */
export function equip(wanted: readonly Rung[]): Equipment {
  const versions: Record<string, string> = { [wrk.name]: requireProgram(wrk) };
  const rungs: Rung[] = [];
  const leftOut: LeftOut[] = [];
  for (const rung of wanted) {
    try {
      if (rung.needs !== undefined) versions[rung.needs.name] = requireProgram(rung.needs);
      rungs.push(rung);
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error;
      leftOut.push({ target: rung.name, because: [error.message, error.hint ?? ""].join(" ") });
    }
  }
  return { rungs, leftOut, versions };
}
