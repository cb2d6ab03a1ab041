/**
 * What a judge is: a rule that looks at what was seen of one origin, beside its peers in the pool, and accuses that origin, or not. What
 * follows from an accusation (an ejection, a suspicion, nothing) is not the judge's to decide (`../ejection.ts`).
 *
 * What all judges keep to: one client accuses no origin while probes find it well; failures that its peers show alike accuse none; and an
 * accusation says why.
 */
import type { PassiveHealth } from "../../model/upstream.ts";
import type { Failures } from "./failures.ts";
import type { SeenLately } from "./window.ts";

export const judgeNames = ["row", "share", "clients", "slow"] as const;
export type JudgeName = (typeof judgeNames)[number];

/** An origin beside the one that is judged. */
export interface Peer extends SeenLately {
  readonly weight: number;
}

/** What a judge hears of one origin. */
export interface Case {
  readonly rules: PassiveHealth;
  /** Its failures since its last good answer, and how many there were of them, whatever they count. */
  readonly row: Failures;
  /** What was seen of it lately, and of its peers. */
  readonly seen: SeenLately;
  readonly weight: number;
  readonly peers: readonly Peer[];
  /** The last probe found it well. */
  readonly isProbedGood: boolean;
  /** All that was seen of the pool lately was seen by one client. */
  readonly isOneClient: boolean;
  /** Requests are not spread over the pool: one origin gets them all, or what is asked for decides, so that one page fails in one place. */
  readonly isUneven: boolean;
}

export interface Accusation {
  readonly by: JudgeName;
  /** `lost`: its connections fail; `answers`: what comes over them does; `slow`: it takes long. */
  readonly of: "lost" | "answers" | "slow";
  /** In words, for the log. */
  readonly reason: string;
}

export interface OriginJudge {
  readonly name: JudgeName;
  judge(of: Case): Accusation | undefined;
}

/**
 * How many of the failures count. Where there is one client only, there is no other one to bear it out: then its failures count whose
 * requests might have gone elsewhere, unless probes find the origin well.
 */
export function weightOf(failures: Failures, { isOneClient, isProbedGood }: Case): number {
  return isOneClient && !isProbedGood ? failures.unboundWeight : failures.weight;
}

/** Whether most of these failures are lost connections. */
export function kindOf({ lost, total }: Failures): "lost" | "answers" {
  return 2 * lost > total ? "lost" : "answers";
}
