/** Clients in a closed loop, for tests that need load until something has come of it. */
import { Pool } from "undici";

import { patienceMs } from "./patience.ts";
import { eventually } from "./stack.ts";

export interface Load {
  /** Each client goes through one of these, by turns. */
  readonly urls: readonly string[];
  readonly clients: number;
}

/**
 * Each client asks for `/` again and again until it holds.
 * @param what what is waited for, for the error if it does not come.
 * @returns how many requests were answered with which status.
 */
export async function loadUntil(
  what: string,
  { urls, clients }: Load,
  holds: () => boolean | Promise<boolean>,
): Promise<Map<number, number>> {
  const pools = urls.map((url) => new Pool(url, { connections: clients, pipelining: 1 }));
  const over = new AbortController();
  const statuses = new Map<number, number>();
  const client = async (pool: Pool): Promise<void> => {
    while (!over.signal.aborted) {
      const { statusCode, body } = await pool.request({ method: "GET", path: "/" });
      await body.dump();
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
    }
  };
  const all = Promise.all(Array.from({ length: clients }, (_, nth) => client(pools[nth % pools.length]!)));
  try {
    await Promise.race([eventually(what, holds, patienceMs), all]);
  } finally {
    over.abort();
    await all;
    await Promise.all(pools.map((pool) => pool.close()));
  }
  return statuses;
}
