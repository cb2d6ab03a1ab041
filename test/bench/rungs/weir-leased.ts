/** The same Weir, leased: an isolate picks within its lease, and the object hears of it now and then. */
import type { Rung } from "../rung.ts";
import { startWeirRung } from "../weir-rung.ts";

export const weirLeased: Rung = {
  name: "weirLeased",
  what: "Weir, leased",
  start: (origin, workDir) => startWeirRung(import.meta.resolve("./weir-leased.config.ts"), origin, workDir),
};
