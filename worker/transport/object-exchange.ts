/**
 * The exchange on the wire: a string to an upstream's object and one back, and the config's section if it asks for that. An
 * isolate writes to an object in this way, and so does a region's object to its root.
 */
import type { AskName } from "../../core/protocol/ask.ts";
import type { ConfigSection } from "../../core/protocol/config-section.ts";
import type { ExchangeMessage } from "../../core/protocol/exchange.ts";
import type { Remote } from "../../core/protocol/object-namespace.ts";
import type {
  UpstreamObject,
  Addressed,
  ExchangeResult,
  WaitResult,
} from "../../core/protocol/upstream-object.ts";

/** The platform tries calls again by itself for up to ten seconds; here a lost message is made good by the next one. */
export const onlyOnce = { retry: { maxRetries: 0 } };

/**
 * The object's answer. Rejects when the object cannot be reached, or refuses the configuration; waits as long as it
 * takes, which is the caller's to limit. `stub` makes a new one: none can be used again after it has failed.
 */
export async function exchange(
  stub: () => Remote<UpstreamObject>,
  message: Addressed<ExchangeMessage>,
  section: ConfigSection,
): Promise<Extract<ExchangeResult, { kind: "reply" }>> {
  const json = JSON.stringify(message);
  const first: ExchangeResult = JSON.parse(await stub().exchange(json));
  if (first.kind === "reply") return first;
  const second: ExchangeResult = JSON.parse(await stub().exchange(json, section));
  if (second.kind === "reply") return second;
  throw new Error("the object refused this configuration");
}

/**
 * What becomes of an ask that waits in the object's queue. Waits for as long as it does, and rejects when the object cannot
 * be reached or loses its memory.
 */
export async function waitFor(stub: Remote<UpstreamObject>, ask: Addressed<AskName>): Promise<WaitResult> {
  return JSON.parse(await stub.wait(JSON.stringify(ask)));
}
