/** An ask by its name, and how its waiting ended. */
import type { HolderId } from "./holder-id.ts";
import type { Pick, Queued } from "./pick.ts";

/** The name of an ask: the number of its message. */
export interface AskName {
  readonly holder: HolderId;
  readonly seq: number;
}

/** How the waiting of an ask ended. */
export interface WaitEnd extends AskName {
  readonly pick: Exclude<Pick, Queued>;
}
