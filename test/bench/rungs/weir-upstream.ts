/**
 * The upstream of the benchmark's Weirs. Its slots are limited, so that they are counted, and never run out; they are as many as count as
 * few, so that what Weir does for origins of few slots is paid for. No probes and no cookie, which the rungs beside it do not have either.
 */
import type { WeirConfig } from "../../../worker/config/weir-config.ts";

export const upstream = {
  pools: [{ name: "on-prem", origins: [{ name: "origin", url: "${ENV:BENCH_ORIGIN}", maxConns: 1_000 }] }],
  health: false,
  // Rungs stand still while others have their slices; that is no loss of the object.
  timeouts: { headers: "15s", total: "60s", exchange: "10s" },
} satisfies WeirConfig["upstreams"][string];
