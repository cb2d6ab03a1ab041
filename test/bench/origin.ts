/** Starts the origin in a process of its own, so that it shares no event loop with the measuring process. */
import { fork } from "node:child_process";
import { once } from "node:events";
import type { Origin } from "./rung.ts";

export interface RunningOrigin extends Origin {
  readonly stop: () => Promise<void>;
}

/** Resolves when it listens. */
export async function startOrigin(): Promise<RunningOrigin> {
  const child = fork(new URL("origin-server.ts", import.meta.url));
  const exited = once(child, "exit");
  const port = await Promise.race([
    once(child, "message").then(([message]) => Number(message)),
    exited.then(([code]) => {
      throw new Error(`The origin ended with code ${code}.`);
    }),
  ]);
  if (child.pid === undefined) throw new TypeError("The origin has no process.");
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid,
    stop: async () => {
      child.disconnect();
      await exited;
    },
  };
}
