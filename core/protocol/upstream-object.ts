/**
 * The object of an upstream, or of an upstream in a region, as others call it. What a call is about comes first: an object that does not
 * know this configuration, or knows an older one, takes it from there.
 */
import type { OperatorOrder } from "../model/operator.ts";
import type { WaitEnd } from "./pick.ts";
import type { ConfigSection } from "./config-section.ts";
import type { ExchangeReply } from "./exchange.ts";
import type { Registered, Registration, WithRoster } from "./members.ts";
import type { MaybePromise } from "./object-namespace.ts";
import type { ProbeResult, UrgentProbes } from "./probe-round.ts";
import type { UpstreamReport } from "./upstream-view.ts";

export interface UpstreamObject {
  /**
   * The one message of the data path, an `Addressed<ExchangeMessage>` and an `ExchangeResult` as JSON: a string crosses between isolates
   * at a fraction of what the same object costs.
   */
  exchange(json: string, section?: ConfigSection): MaybePromise<string>;
  /**
   * Waits with the ask, an `Addressed<AskName>` as JSON, until it has left the queue; the answer is a `WaitResult`. It may be called
   * again, after a call that was lost.
   */
  wait(json: string): MaybePromise<string>;
  /** A round of probes, from a prober or from the watchdog. The answer says which origins are to be probed again soon. */
  probed(section: ConfigSection, results: readonly ProbeResult[]): MaybePromise<UrgentProbes | undefined>;
  /** An operator's order; `false` if there is no such origin. */
  operate(section: ConfigSection, origin: string, order: OperatorOrder): MaybePromise<boolean>;
  /** Of a region's object: fetches the operator's orders from its root, though no holder wants anything. */
  heed(section: ConfigSection): MaybePromise<void>;
  /** A message of an origin's that registers itself; its signature was good. `undefined`: the object refuses the configuration. */
  register(section: ConfigSection, said: Registration): MaybePromise<Registered | undefined>;
  /** The live state, and what the object is billed for. `undefined`: the object refuses the configuration. */
  view(section: ConfigSection): MaybePromise<UpstreamReport | undefined>;
}

export type ExchangeResult =
  | ({ readonly kind: "reply"; readonly reply: ExchangeReply } & WithRoster)
  /** The object does not know this configuration: send the message again, with its section. */
  | { readonly kind: "section-needed" };

/** What an isolate says, with the version of the registered origins that it knows; absent: it knows of none. */
export type Addressed<Message> = Message & { readonly roster?: number };

/** What became of an ask that waited: its slot may be of an origin that came meanwhile. */
export interface WaitResult extends WithRoster {
  /** Absent: the object knows nothing of it, and is to be asked again. */
  readonly pick?: WaitEnd["pick"];
}
