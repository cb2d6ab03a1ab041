/** The exchange on the wire: a string to the upstream's object and one back, and the config's section if it asks for it. */
import type { ExchangeMessage, ExchangeReply } from "../../core/leases/exchange.ts";
import type { ExchangeResult } from "../../durable-objects/upstream-state.ts";
import type { ActiveUpstream } from "../config/active.ts";
import type { Env } from "../env.ts";
import { upstreamStub } from "./upstream-stub.ts";

/** The platform tries calls again by itself for up to ten seconds; here a lost message is made good by the next one. */
const onlyOnce = { retry: { maxRetries: 0 } };

/**
 * The object's answer. Rejects when the object cannot be reached, or refuses the configuration; waits as long as it
 * takes, which is the caller's to limit.
 */
export async function exchange(
  env: Env,
  upstream: ActiveUpstream,
  message: ExchangeMessage,
): Promise<ExchangeReply> {
  const json = JSON.stringify(message);
  const first: ExchangeResult = JSON.parse(await upstreamStub(env, upstream, onlyOnce).exchange(json));
  if (first.kind === "reply") return first.reply;
  const again = await upstreamStub(env, upstream, onlyOnce).exchange(json, upstream.section);
  const second: ExchangeResult = JSON.parse(again);
  if (second.kind === "reply") return second.reply;
  throw new Error("the object refused this configuration");
}
