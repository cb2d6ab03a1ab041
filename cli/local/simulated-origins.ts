/**
 * Simulated servers for the origins that a config has on this machine, so that `weir start` has something to stand
 * in front of: where the config says there is one, there is one. What a home origin and what a cloud origin is like
 * is origin-sim's to say (`defaultFleet`).
 */
import { defaultFleet, startFleet, type RunningFleet } from "../../origin-sim/fleet.ts";
import { slotsOf, type OriginSpec } from "../../origin-sim/model/spec.ts";
import type { OriginOptions } from "../../origin-sim/server.ts";
import type { Config } from "../../worker/config/sections/config.ts";
import type { OriginConfig } from "../../worker/config/sections/origin.ts";
import { ExpectedError } from "../expected-error.ts";
import { isFreePort } from "./port.ts";

/** The port on which the origins are broken and mended, if it is free. */
export const controlPort = 9100;

/** A server for each origin at `http://127.0.0.1:PORT` or `localhost`, with as many slots as the config grants it. */
export function simulatedOrigins({ upstreams }: Config): OriginOptions[] {
  const kinds = defaultFleet();
  const [home, cloud] = [kinds.at(0), kinds.at(-1)];
  if (home === undefined || cloud === undefined) throw new TypeError("The default fleet is empty.");
  const byPort = new Map<number, OriginOptions>();
  const names = new Set(["all"]);
  for (const { name: upstream, pools } of upstreams) {
    for (const [index, pool] of pools.entries()) {
      const { spec } = index === 0 ? home : cloud;
      for (const origin of pool.origins) {
        const port = localPort(origin);
        if (port === undefined || byPort.has(port)) continue;
        // Unique in its upstream, the name must be unique in the fleet, where "all" means every one.
        const name = names.has(origin.name) ? `${upstream}.${origin.name}` : origin.name;
        names.add(name);
        byPort.set(port, {
          name,
          pool: pool.name,
          port,
          spec: withSlots(spec, origin.maxConns),
          seed: port,
        });
      }
    }
  }
  return [...byPort.values()];
}

/**
 * Starts them, and the control endpoint on port 9100 or, if that is taken, on any other.
 * @param weirPort Weir's own port, which will be taken soon.
 * @throws ExpectedError if one cannot start.
 */
export async function startSimulatedOrigins(
  origins: readonly OriginOptions[],
  weirPort: number,
): Promise<RunningFleet> {
  const promised = new Set([weirPort, ...origins.map(({ port }) => port)]);
  const control = !promised.has(controlPort) && (await isFreePort(controlPort)) ? controlPort : 0;
  return startFleet({ origins, controlPort: control }).catch((error: unknown) => {
    throw new ExpectedError(
      `The simulated origins did not start: ${error instanceof Error ? error.message : String(error)}.`,
      "If these are servers of your own, start Weir alone: --no-sim",
    );
  });
}

/** The port of an origin on this machine; `undefined`: it is elsewhere, or not a whole plain HTTP server. */
export function localPort(origin: OriginConfig): number | undefined {
  const { protocol, pathname } = new URL(origin.url);
  return protocol === "http:" && pathname === "/" ? portHere(origin) : undefined;
}

/**
 * Refuses a port for Weir that the config says is an origin's: simulated, the two could not both listen; real, Weir
 * would forward to itself.
 * @throws ExpectedError that names the origin.
 */
export function requireNoOriginAt(weirPort: number, { upstreams }: Config): void {
  const origins = upstreams.flatMap(({ pools }) => pools.flatMap((pool) => pool.origins));
  const rival = origins.find((origin) => portHere(origin) === weirPort);
  if (rival === undefined) return;
  throw new ExpectedError(
    `Port ${weirPort} cannot be Weir's: in the config it is that of the origin ${rival.name}.`,
    "Choose another port for Weir with --port.",
  );
}

function portHere({ url, via }: OriginConfig): number | undefined {
  const { protocol, hostname, port } = new URL(url);
  if (via !== "fetch" || (hostname !== "127.0.0.1" && hostname !== "localhost")) return undefined;
  return port === "" ? (protocol === "http:" ? 80 : 443) : Number(port);
}

function withSlots(spec: OriginSpec, slots = slotsOf(spec)): OriginSpec {
  return slots === slotsOf(spec) ? spec : { ...spec, workers: slots, threads: 1 };
}
