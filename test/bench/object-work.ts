/**
 * What a rung's object does for its requests, in steady traffic: Cloudflare bills that by the piece. The object counts
 * for itself, and is asked before and after a few seconds of load, when the same load has just been there for one:
 * so what is done once, when traffic begins, is not in it.
 */
import type { ObjectUsage } from "../../core/protocol/upstream-view.ts";
import type { Plan, Target } from "./measure.ts";
import type { Body } from "./traffic.ts";
import { runLoad } from "./wrk.ts";

export interface ObjectWork extends ObjectUsage {
  readonly target: string;
  readonly body: Body;
  /** For which it did that. */
  readonly requests: number;
}

const beforeSeconds = 1;
const meteredSeconds = 3;

/** Loads those targets that know what their object does, one after the other. */
export async function meterObjects(targets: readonly Target[], plan: Plan): Promise<ObjectWork[]> {
  const works: ObjectWork[] = [];
  for (const { name, url, objectUsage } of targets) {
    if (objectUsage === undefined) continue;
    for (const body of plan.bodies) {
      plan.onProgress(`what the object does · ${name} · ${body}`);
      const load = { ...plan, url: `${url}/${body}` };
      await runLoad({ ...load, seconds: beforeSeconds });
      const before = await objectUsage();
      const { requests } = await runLoad({ ...load, seconds: meteredSeconds });
      const after = await objectUsage();
      works.push({
        target: name,
        body,
        // Those in the air at the end, one a connection, are not in wrk's number.
        requests: requests + plan.connections,
        exchanges: after.exchanges - before.exchanges,
        rowsRead: after.rowsRead - before.rowsRead,
        rowsWritten: after.rowsWritten - before.rowsWritten,
      });
    }
  }
  return works;
}
