/** How many requests a second servers can do. */
import { slotsOf } from "../../origin-sim/model/spec.ts";
import type { ServerSpec, Work } from "./scenario.ts";
import { meanWorkMs } from "./work.ts";

/**
 * Requests a second that these servers can do in the long run. `spare`: with what they may use beside their guaranteed
 * cores while their neighbours are idle.
 */
export function capacityPerSecond(servers: readonly ServerSpec[], work: Work, spare: boolean): number {
  let perMs = 0;
  for (const server of servers) {
    const { model, speed } = server;
    const cores = model.kind === "slots" ? slotsOf(model) : model.cores * (spare ? meanSpare(model) : 1);
    perMs += (cores * speed) / meanWorkMs(server.work ?? work);
  }
  return perMs * 1000;
}

function meanSpare({ spare, antagonist }: Extract<ServerSpec["model"], { kind: "sharing" }>): number {
  switch (antagonist.kind) {
    case "always":
      return 1;
    case "never":
      return spare;
    case "switching": {
      const { busyMeanMs, idleMeanMs } = antagonist;
      return (busyMeanMs + idleMeanMs * spare) / (busyMeanMs + idleMeanMs);
    }
  }
}
