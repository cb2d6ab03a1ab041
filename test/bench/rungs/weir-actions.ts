/** Weir, leased, with five actions on the route: compared with the same without them by `--actions`. */
import type { Rung } from "../rung.ts";
import { startWeirRung } from "../weir-rung.ts";

export const weirActions: Rung = {
  name: "weirActions",
  what: "Weir, leased, with five actions on the route",
  start: (origin, workDir) => startWeirRung(import.meta.resolve("./weir-actions.config.ts"), origin, workDir),
};
