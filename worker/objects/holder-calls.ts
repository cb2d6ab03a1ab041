/**
 * The two calls that an isolate makes to an upstream's object for its requests: an exchange, and one that the object holds open while
 * an ask waits in its queue. Both name the roster of origins that the isolate knows, and take in a newer one with the answer.
 */
import type { SentMessage } from "../../core/holder/exchange-session.ts";
import type { Leaseholder } from "../../core/holder/leaseholder.ts";
import type { ExchangeReply } from "../../core/protocol/exchange.ts";
import type { RosterNews } from "../../core/protocol/members.ts";
import type { LocationHint } from "../../core/protocol/object-namespace.ts";
import type { GrantedPick, Pick } from "../../core/protocol/pick.ts";
import type { ActiveUpstream } from "../active-config.ts";
import type { OriginConfig } from "../config/sections/origin.ts";
import type { Env } from "../env.ts";
import { exchange, onlyOnce, waitFor, heldCall, type HeldUntil } from "../transport/object-exchange.ts";
import { KnownOrigins } from "./known-origins.ts";
import { objectAddress, stubAt, type ObjectAddress } from "./upstream-stub.ts";

export class HolderCalls {
  readonly #upstream: ActiveUpstream;
  readonly #address: ObjectAddress;
  readonly #holder: Leaseholder;
  readonly #origins: KnownOrigins;

  /** `region`: where the object is that is asked; `undefined`: the upstream's own. */
  constructor(upstream: ActiveUpstream, holder: Leaseholder, region?: LocationHint) {
    this.#upstream = upstream;
    this.#address = objectAddress(upstream.config, region, onlyOnce);
    this.#holder = holder;
    this.#origins = new KnownOrigins(upstream.config);
  }

  /** What the answer says is taken in also when it comes too late for its request: it is still true. */
  async exchange(env: Env, sent: SentMessage): Promise<ExchangeReply> {
    const message = this.#origins.withRoster(sent.message);
    const stub = () => stubAt(env, this.#address);
    const { reply, roster } = await exchange(stub, message, this.#upstream.section);
    this.#enroll(roster);
    this.#holder.recordReply(reply, sent);
    return reply;
  }

  /** One call that the object holds open: how the waiting of the ask has ended. */
  async wait(
    { message }: SentMessage,
    env: Env,
    until: HeldUntil,
  ): Promise<{ readonly pick: Pick | undefined } | "client-gone"> {
    const ask = this.#origins.withRoster({ holder: message.holder, seq: message.seq });
    const result = await heldCall(until, () => waitFor(stubAt(env, this.#address), ask));
    if (result === "client-gone") return result;
    this.#enroll(result.roster);
    return { pick: result.pick };
  }

  /** Perhaps other origins have registered themselves than this isolate knew of. */
  #enroll(roster: RosterNews | undefined): void {
    const config = this.#origins.learn(roster);
    if (config !== undefined) this.#holder.reconfigure(config);
  }

  /** The origin of a pick; `undefined`: this isolate does not know it, or not yet. */
  originOf(pick: GrantedPick): OriginConfig | undefined {
    return this.#origins.of(pick);
  }
}
