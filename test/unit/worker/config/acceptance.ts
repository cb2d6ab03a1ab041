/** What a config that has to be accepted comes to. */
import { expect } from "vitest";

import type { Config } from "../../../../worker/config/sections/config.ts";
import type { UpstreamConfig } from "../../../../worker/config/sections/upstream.ts";
import { parseConfig } from "../../../../worker/config/parse/parse.ts";
import { emptyEnv } from "./example-config.ts";

export function accepted(raw: unknown): Config {
  const parsed = parseConfig(raw, emptyEnv);
  if (!parsed.ok) expect(parsed.issues).toEqual([]);
  return parsed.ok ? parsed.config : expect.unreachable();
}

/** Its first upstream. */
export function upstreamOf(raw: unknown): UpstreamConfig {
  return accepted(raw).upstreams[0] ?? expect.unreachable();
}
