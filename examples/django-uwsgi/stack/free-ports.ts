/** Ports for a stack beside others on the same machine. */
import { isFreePort } from "../../../cli/local/port.ts";

/** Below the range from which systems take ports for outgoing connections: a port that is free stays free. */
const first = 20_000;
const last = 31_000;

/** The first of `count` ports in a row that no program listens on. @throws RangeError if there are none. */
export async function freePortsInRow(count: number): Promise<number> {
  // Processes that look at the same time begin at different places.
  let base = first + ((process.pid * 16) % (last - first - count));
  for (let tries = 0; tries < 1_000; tries++) {
    const ports = Array.from({ length: count }, (_, nth) => base + nth);
    const free = await Promise.all(ports.map(isFreePort));
    if (!free.includes(false)) return base;
    base = first + ((base - first + count) % (last - first - count));
  }
  throw new RangeError(`No ${count} free ports in a row.`);
}
