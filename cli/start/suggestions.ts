/**
 * Commands to try on a running Weir. Each works as printed, so they are made for the config that runs: one that
 * spills needs two pools, one that kills an origin needs origin-sim.
 */
import type { StartFacts } from "./facts.ts";

export interface Suggestion {
  /** What it shows, in a few words. */
  readonly what: string;
  /** A line for a POSIX shell. */
  readonly command: string;
}

/** How many requests at once are sure to be more than the home pool's slots. */
const crowdFactor = 2.5;

/** The commands for these facts. */
export function suggestions({ port, config, views, adminToken, simulated }: StartFacts): Suggestion[] {
  const weir = `localhost:${port}`;
  const curl: Suggestion = { what: "one request; X-Origin says who answered", command: `curl -i ${weir}/` };
  const everything = config.routes.find(({ host, prefix, exact }) => !host && !prefix && !exact);
  const upstream = config.upstreams.find(({ name }) => name === everything?.upstream) ?? config.upstreams[0];
  const home = upstream?.pools[0];
  const origin = home?.origins[0]?.name;
  if (upstream === undefined || home === undefined || origin === undefined) return [curl];

  const isSimulated = home.origins.every(({ name }) => simulated?.origins.has(name) === true);
  const suggested = [isSimulated ? curl : { what: "one request", command: `curl -i ${weir}/` }];
  const slots = home.origins.reduce((sum, { maxConns }) => sum + (maxConns ?? Number.POSITIVE_INFINITY), 0);
  if (everything && isSimulated && upstream.pools.length > 1 && Number.isFinite(slots)) {
    const crowd = Math.ceil(slots * crowdFactor);
    suggested.push({
      what: `${crowd} at once: ${home.name} fills its ${slots} slots, the rest spills`,
      command: `seq ${crowd} | xargs -P${crowd} -I{} curl -s ${weir}/slow/1000 | grep -o '"origin":"[^"]*"' | sort | uniq -c`,
    });
  }
  if (views) {
    suggested.push({
      what: `take ${origin} out of service gently; bring it back with …/undrain`,
      command: `curl -X POST -H 'Authorization: Bearer ${adminToken}' ${weir}/_weir/api/v1/upstreams/${upstream.name}/origins/${origin}/drain`,
    });
  }
  if (isSimulated && simulated) {
    const victim = home.origins.at(-1)?.name ?? origin;
    suggested.push({
      what: `kill ${victim}; bring it back with …/revive`,
      command: `curl -X POST ${simulated.controlUrl}/origins/${victim}/kill`,
    });
  }
  return suggested;
}
