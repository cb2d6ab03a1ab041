/**
 * The first candidate as listed: traffic stays on few origins, and the next one is used when those before it are full
 * (`maxConns`) or out, so that the others may sleep. Source: HAProxy's `balance first`.
 */
import type { Candidate, SelectionPolicy } from "./policy.ts";

export class FirstAvailable implements SelectionPolicy {
  readonly name = "first";

  select(candidates: readonly Candidate[]): Candidate | undefined {
    return candidates[0];
  }
}
