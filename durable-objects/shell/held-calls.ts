/**
 * Calls that are held open until the asks that they wait for have left the queue: one for each waiting request, so that
 * there are never more than the queue is long. They live in memory; when the object loses it they fail, and their isolates
 * ask again.
 */
import type { AskName, WaitEnd } from "../../core/protocol/pick.ts";

export class HeldCalls {
  readonly #resolve = new Map<string, (pick: WaitEnd["pick"] | undefined) => void>();

  /** Resolves when the ask's waiting has ended; with nothing if another call has come for it. */
  hold(ask: AskName): Promise<WaitEnd["pick"] | undefined> {
    const id = idOf(ask);
    this.#resolve.get(id)?.(undefined);
    return new Promise((resolve) => this.#resolve.set(id, resolve));
  }

  /** Lets go of the call that waits for the ask, if there is one. */
  end({ holder, seq, pick }: WaitEnd): void {
    const id = idOf({ holder, seq });
    this.#resolve.get(id)?.(pick);
    this.#resolve.delete(id);
  }
}

const idOf = ({ holder, seq }: AskName): string => `${seq} ${holder}`;
