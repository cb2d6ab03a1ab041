/** The floor and one call to a Durable Object: what shared state costs on this platform, whatever it decides. */
import type { Rung } from "../rung.ts";
import { startWorkerRung } from "../worker-rung.ts";

export const floorRpc: Rung = {
  name: "floorRpc",
  what: "+ one empty call to an object",
  start: (origin, workDir) =>
    startWorkerRung(
      {
        modules: [
          import.meta.resolve("./floor-rpc.worker.js"),
          import.meta.resolve("./floor.worker.js"),
          import.meta.resolve("./end-to-end.js"),
        ],
        objectClass: "Empty",
      },
      origin,
      workDir,
    ),
};
