/**
 * From a prepared request to what its upstream makes of it: an origin's answer, whose slot stays open, or an error, with which nothing
 * of the request is left open. The same for a client's request and for one that a filter sends itself (`side-request.ts`).
 */
import { attemptInTurn, type Failed, type OriginResponse } from "./attempt/attempt-loop.ts";
import type { PreparedRequest } from "./request/prepare-request.ts";
import type { Transaction } from "./transaction.ts";

/** The answer to the request of one of the upstream's origins. */
export async function askOrigins(
  tx: Transaction,
  prepared: PreparedRequest,
): Promise<OriginResponse | Failed> {
  const result = await attemptInTurn(tx, prepared);
  // What is on disk is sent anew in each attempt.
  tx.uploaded = prepared.uploaded();
  tallySpill(tx);
  prepared.forgetBody();
  if (result.kind === "error") {
    tx.alarm.stop();
    const flushed = tx.client.flush(tx.env, Date.now());
    if (flushed !== undefined) tx.waitUntil(flushed);
  }
  return result;
}

/** Counts what the request's log line will say, once, whichever way its slot was granted: so the API and the log agree. */
function tallySpill({ event: { pool, spill }, client }: Transaction): void {
  if (pool !== undefined && spill !== undefined) client.holder.count("spilled", { pool, reason: spill });
}
