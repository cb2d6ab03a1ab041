/** The rungs, from the origin to the product, the proxies that are not Workers, and the ratios that mean something. */
import type { Rung } from "./rung.ts";
import { bare } from "./rungs/bare.ts";
import { floorRpc } from "./rungs/floor-rpc.ts";
import { floor } from "./rungs/floor.ts";
import { haproxy } from "./rungs/haproxy.ts";
import { nginx } from "./rungs/nginx.ts";
import { nodeProxy } from "./rungs/node-proxy.ts";
import { origin } from "./rungs/origin.ts";
import { weirEach } from "./rungs/weir-each.ts";
import { weirLeased } from "./rungs/weir-leased.ts";
import { weirStrict } from "./rungs/weir-strict.ts";

export const ladder: readonly Rung[] = [
  origin,
  bare,
  floor,
  floorRpc,
  weirStrict,
  weirLeased,
  weirEach,
  nodeProxy,
  nginx,
  haproxy,
];

/** Throughput of one rung over that of another. */
export interface RatioRule {
  readonly name: string;
  readonly of: string;
  readonly to: string;
  /** The least it may be, for either body; absent: told, not judged. */
  readonly target?: number;
}

export const ratioRules: readonly RatioRule[] = [
  // Leased, a request does not ask: what is left is what Weir itself costs beside a proxy without shared state.
  { name: "leasedToFloor", of: "weirLeased", to: "floor", target: 0.9 },
  // What Weir may cost beyond what the platform makes any proxy with shared state pay.
  { name: "strictToFloorRpc", of: "weirStrict", to: "floorRpc", target: 0.85 },
  // What correctness and limits for the fleet cost, all in all.
  { name: "leasedToBare", of: "weirLeased", to: "bare", target: 0.7 },
  // What a connection for each request costs: it is opened, and its answer read in JavaScript.
  { name: "eachToLeased", of: "weirEach", to: "weirLeased" },
  { name: "strictToFloor", of: "weirStrict", to: "floor" },
  { name: "strictToBare", of: "weirStrict", to: "bare" },
  { name: "floorRpcToFloor", of: "floorRpc", to: "floor" },
  { name: "floorToBare", of: "floor", to: "bare" },
];
