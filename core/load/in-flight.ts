/** The plainest signal: open requests, and the one that is coming. It needs no memory, since the caller has counted them. */
import type { Millis, OriginName } from "../model/upstream.ts";
import type { LoadSignal } from "./signal.ts";

export class InFlight implements LoadSignal {
  reconfigure(): void {}

  recordStart(): void {}

  recordCompletion(): void {}

  load(_origin: OriginName, inFlight: number, _now: Millis, coming = 0): number {
    return inFlight + coming + 1;
  }
}
