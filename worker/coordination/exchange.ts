/** The exchange on the wire: a string to the upstream's object and one back, and the config's section if it asks for it. */
import type { ExchangeMessage, ExchangeReply } from "../../core/leases/exchange.ts";
import type { ExchangeResult } from "../../durable-objects/upstream-state.ts";
import type { ActiveUpstream } from "../config/active.ts";
import type { LocationHint } from "../config/config.ts";
import type { Env } from "../env.ts";
import { regionStub, upstreamStub } from "./upstream-stub.ts";

/** Whom an isolate writes to: the upstream's object, or the one in its region. */
export interface Correspondent {
  readonly upstream: ActiveUpstream;
  readonly region: LocationHint | undefined;
}

/** The platform tries calls again by itself for up to ten seconds; here a lost message is made good by the next one. */
const onlyOnce = { retry: { maxRetries: 0 } };

/**
 * The object's answer. Rejects when the object cannot be reached, or refuses the configuration; waits as long as it
 * takes, which is the caller's to limit.
 */
export async function exchange(
  env: Env,
  { upstream, region }: Correspondent,
  message: ExchangeMessage,
): Promise<ExchangeReply> {
  const json = JSON.stringify(message);
  const stub = () =>
    region === undefined
      ? upstreamStub(env, upstream, onlyOnce)
      : regionStub(env, upstream, region, onlyOnce);
  const first: ExchangeResult = JSON.parse(await stub().exchange(json));
  if (first.kind === "reply") return first.reply;
  const again = await stub().exchange(json, upstream.section);
  const second: ExchangeResult = JSON.parse(again);
  if (second.kind === "reply") return second.reply;
  throw new Error("the object refused this configuration");
}
