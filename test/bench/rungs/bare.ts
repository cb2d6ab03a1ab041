/** The least a Worker can do: what the runtime itself costs. */
import type { Rung } from "../rung.ts";
import { startWorkerRung } from "../worker-rung.ts";

export const bare: Rung = {
  name: "bare",
  what: "pass-through Worker",
  async start(origin, workDir) {
    const modules = [import.meta.resolve("./bare.worker.js")] as const;
    const running = await startWorkerRung({ modules }, origin, workDir);
    // It has none.
    return { ...running, objectUsage: () => Promise.resolve({ exchanges: 0, rowsRead: 0, rowsWritten: 0 }) };
  },
};
