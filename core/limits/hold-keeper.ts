/**
 * The object's side of limits on requests that are open at a time: how many each isolate may have of each key, until when. It is in memory only: after
 * a loss of it, isolates say what they have with their next message, and what is open counts however many it is.
 */
import type { Millis } from "../model/upstream.ts";
import { holdLifeMs, type HoldAsk, type HoldReply } from "../protocol/concurrency.ts";
import { Recent } from "./recent.ts";

/** Some 10 MB, with an isolate or two for each key. Beyond it, the key that was asked for least recently is forgotten. */
const mostKeys = 50_000;

interface HolderPart {
  readonly nth: number;
  readonly may: number;
  readonly untilMs: Millis;
}

export class HoldKeeper {
  readonly #keys: Recent<Map<string, HolderPart>>;

  constructor(keys = mostKeys) {
    this.#keys = new Recent(keys);
  }

  answer({ key, most, holder, nth, open, want }: HoldAsk, now: Millis): HoldReply {
    const name = `${key[0]} ${key[1]}`;
    const parts = this.#keys.get(name) ?? new Map<string, HolderPart>();
    let others = 0;
    for (const [other, part] of parts) {
      if (part.untilMs <= now) parts.delete(other);
      else if (other !== holder) others += part.may;
    }
    const known = parts.get(holder);
    if (known !== undefined && nth < known.nth) return { may: known.may };
    const may = Math.max(open, Math.min(want, most - others));
    parts.set(holder, { nth, may, untilMs: now + holdLifeMs });
    this.#keys.set(name, parts);
    return { may };
  }
}
