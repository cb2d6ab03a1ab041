/**
 * What else runs on a server's machine. A server is guaranteed its cores, and may use what its neighbours leave
 * (work-conserving CPU shares). While they are busy that is nothing. Times of both states are exponential.
 */
import type { Random } from "../../core/model/random.ts";
import type { Millis } from "../../core/model/upstream.ts";

export type Antagonist =
  | { readonly kind: "never" }
  | { readonly kind: "always" }
  | { readonly kind: "switching"; readonly busyMeanMs: Millis; readonly idleMeanMs: Millis };

/** Whether the neighbours are busy at the start of the run; of switching ones in proportion to their times. */
export function startsBusy(antagonist: Antagonist, random: Random): boolean {
  if (antagonist.kind !== "switching") return antagonist.kind === "always";
  const { busyMeanMs, idleMeanMs } = antagonist;
  return random.next() < busyMeanMs / (busyMeanMs + idleMeanMs);
}

/** How long the neighbours stay as they are. */
export function stayMs(antagonist: Antagonist, busy: boolean, random: Random): Millis {
  if (antagonist.kind !== "switching") return Infinity;
  return -(busy ? antagonist.busyMeanMs : antagonist.idleMeanMs) * Math.log(1 - random.next());
}
