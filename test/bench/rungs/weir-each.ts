/** The same Weir, leased, where each request has a connection of its own to the origin. */
import type { Rung } from "../rung.ts";
import { startWeirRung } from "../weir-rung.ts";

export const weirEach: Rung = {
  name: "weirEach",
  what: "Weir, a connection each",
  start: (origin, workDir) => startWeirRung(import.meta.resolve("./weir-each.config.ts"), origin, workDir),
};
