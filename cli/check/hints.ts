/**
 * What a valid config might have besides: not a fault, so it is no warning, and `--strict` does not count it. Pure.
 */
import type { Config } from "../../worker/config/sections/config.ts";
import type { UpstreamConfig } from "../../worker/config/sections/upstream.ts";

/** A page of a browser needs some requests at a time. */
const fewestSlots = 4;

/** One client has this part of a pool at the most. */
const part = 4;

/** In whole sentences, for people; none where nothing is to be said. */
export function configHints({ limits, upstreams }: Config): string[] {
  const { slots, queue, uploads } = limits.client;
  if (slots !== undefined || queue !== undefined || uploads !== undefined) return [];
  let smallest: { readonly name: string; readonly slots: number } | undefined;
  for (const upstream of upstreams) {
    const slots = slotsAtHome(upstream);
    if (slots !== undefined && slots < (smallest?.slots ?? Infinity))
      smallest = { name: upstream.name, slots };
  }
  const proposed = smallest && Math.max(fewestSlots, Math.floor(smallest.slots / part));
  // A limit as large as the pool keeps nothing for others.
  if (smallest === undefined || proposed === undefined || proposed >= smallest.slots) return [];
  return [
    `One client alone can take all ${smallest.slots} slots of ${smallest.name}. With limits: { client: { slots: ${proposed}, queue: ${proposed}, uploads: ${proposed} } } it has at most ${proposed} of each, and 429 beyond. Clients that share an address, such as an office, share them.`,
  ];
}

/** `undefined`: some of its origins have no limit, or it is not known yet. */
function slotsAtHome({ pools }: UpstreamConfig): number | undefined {
  const [home] = pools;
  if (home === undefined || home.capacity !== undefined || home.register !== undefined) return undefined;
  const serving = home.origins.filter(({ weight, backup }) => weight > 0 && !backup);
  const slots = serving.reduce((sum, { maxConns }) => sum + (maxConns ?? Infinity), 0);
  return Number.isFinite(slots) && slots > 0 ? slots : undefined;
}
