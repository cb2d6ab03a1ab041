/**
 * The origins that one request has failed at. Where another origin then answers it, the failure was not due to what is asked for: the object
 * is told so, since such a failure is evidence whichever client met it (`core/health/judges/failures.ts`).
 */
import type { Outcome } from "../../../core/protocol/outcome.ts";
import type { Transaction } from "../transaction.ts";
import type { AttemptTarget, Tried } from "./try-once.ts";

export class FailedAttempts {
  readonly #tx: Pick<Transaction, "client" | "clientNumber">;
  #failed: Pick<Outcome, "origin" | "bound">[] | undefined = undefined;

  constructor(tx: Pick<Transaction, "client" | "clientNumber">) {
    this.#tx = tx;
  }

  /** One attempt more. */
  note(
    { outcome, isHeldAgainst, answeredMs }: Tried,
    { slot, isBound }: Pick<AttemptTarget, "slot" | "isBound">,
  ): void {
    if (isHeldAgainst) (this.#failed ??= []).push({ origin: slot.origin, bound: isBound || undefined });
    // The server may refuse for the same reason for which the other one failed.
    else if (outcome.kind === "response" && outcome.status < 400) this.#confirm(slot.origin, answeredMs);
  }

  #confirm(answeredBy: string, now: number): void {
    const { client, clientNumber } = this.#tx;
    for (const failed of this.#failed ?? []) {
      // It may have been tried twice.
      if (failed.origin === answeredBy) continue;
      client.holder.recordOutcome({ ...failed, ok: false, confirms: true, client: clientNumber }, now);
    }
  }
}
