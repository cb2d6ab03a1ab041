/** The plainest signal: open requests. It needs no memory, since whoever asks has counted them. */
import type { OriginName } from "../upstream.ts";
import type { LoadSignal } from "./signal.ts";

export class InFlight implements LoadSignal {
  reconfigure(): void {}

  started(): void {}

  ended(): void {}

  load(_origin: OriginName, inFlight: number): number {
    return inFlight;
  }
}
