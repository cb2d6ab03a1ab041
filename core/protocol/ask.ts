/** An ask by its name, and how its waiting ended. */
import type { ExchangeMessage } from "./exchange.ts";
import type { Pick as Answer, Queued } from "./pick.ts";

/** The name of an ask. */
export type AskName = Pick<ExchangeMessage, "holder" | "seq">;

/** How somebody's waiting ended. */
export interface WaitEnd extends AskName {
  readonly pick: Exclude<Answer, Queued>;
}
