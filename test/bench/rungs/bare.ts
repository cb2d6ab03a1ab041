/** The least a Worker can do: what the runtime itself costs. */
import type { Rung } from "../rung.ts";
import { startWorkerRung } from "../worker-rung.ts";

export const bare: Rung = {
  name: "bare",
  what: "pass-through Worker",
  start: (origin, workDir) =>
    startWorkerRung({ modules: [import.meta.resolve("./bare.worker.js")] }, origin, workDir),
};
