/** Weir's duties towards one origin, by hand: what being a correct proxy costs. */
import type { Rung } from "../rung.ts";
import { startWorkerRung } from "../worker-rung.ts";

export const floor: Rung = {
  name: "floor",
  what: "+ headers, timeouts, log",
  start: (origin, workDir) =>
    startWorkerRung(
      { modules: [import.meta.resolve("./floor.worker.js"), import.meta.resolve("./end-to-end.js")] },
      origin,
      workDir,
    ),
};
