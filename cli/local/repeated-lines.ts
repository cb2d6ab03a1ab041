/**
 * What workerd says again and again: a line that has just been written is counted instead, so that clients that make the runtime
 * complain (a CONNECT request is worth two lines to it) do not fill a disk. syslogd's "last message repeated N times" is the model,
 * for several lines at once, as the runtime's often come in pairs.
 */
import type { Millis } from "../../core/model/upstream.ts";

/** A line is written at most so often. */
const againMs: Millis = 60_000;

/** So many different lines are remembered. */
const mostLines = 64;

export interface WrittenLine {
  readonly text: string;
  /** How often it came since it was written last, beside this time; absent: never. */
  readonly repeated?: number;
}

interface Known {
  readonly writtenMs: Millis;
  repeated: number;
}

export class RepeatedLines {
  /** In the order in which they were written. */
  readonly #known = new Map<string, Known>();

  /** Adds a line, and returns what is to be written now: the line, nothing, or the count of an older line that is forgotten for it. */
  addLine(text: string, now: Millis): WrittenLine[] {
    const known = this.#known.get(text);
    if (known !== undefined && Math.abs(now - known.writtenMs) < againMs) {
      known.repeated += 1;
      return [];
    }
    this.#known.delete(text);
    this.#known.set(text, { writtenMs: now, repeated: 0 });
    return [...this.#forgotten(), written(text, known?.repeated)];
  }

  /** The counts that were not written yet. */
  rest(): WrittenLine[] {
    const rest = [...this.#known].filter(([, { repeated }]) => repeated > 0);
    this.#known.clear();
    return rest.map(([text, { repeated }]) => written(text, repeated));
  }

  #forgotten(): WrittenLine[] {
    const [oldest] = this.#known;
    if (oldest === undefined || this.#known.size <= mostLines) return [];
    const [text, { repeated }] = oldest;
    this.#known.delete(text);
    return repeated === 0 ? [] : [written(text, repeated)];
  }
}

function written(text: string, repeated = 0): WrittenLine {
  return repeated === 0 ? { text } : { text, repeated };
}
