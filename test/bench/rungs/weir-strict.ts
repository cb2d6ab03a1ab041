/** Weir with one origin that has more slots than the load needs, in strict mode: every request asks the object. */
import type { Rung } from "../rung.ts";
import { startWeirRung } from "../weir-rung.ts";

export const weirStrict: Rung = {
  name: "weirStrict",
  what: "Weir, strict mode",
  start: (origin, workDir) => startWeirRung(import.meta.resolve("./weir-strict.config.ts"), origin, workDir),
};
