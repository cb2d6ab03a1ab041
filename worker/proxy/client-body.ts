/**
 * The client's end of a request body, read by hand, with an eye on the clock: a client that falls silent in the middle of
 * it must not hold an origin's slot.
 */
import type { Millis } from "../../core/upstream.ts";
import { Alarm } from "../alarm.ts";

/** The longest pause in a body (nginx's `client_body_timeout`). */
export const maxPauseMs: Millis = 60_000;

export class ClientBody {
  readonly #reader: ReadableStreamBYOBReader;
  readonly #alarm = new Alarm();

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader({ mode: "byob" });
  }

  /** The next piece, in this memory, which is no longer the caller's; or why there is none. */
  async read(memory: ArrayBuffer): Promise<Uint8Array<ArrayBuffer> | "end" | "broken" | "stalled"> {
    let stalled = false;
    this.#alarm.set(maxPauseMs, () => {
      stalled = true;
      void this.cancel();
    });
    try {
      const { done, value } = await this.#reader.read(new Uint8Array(memory));
      if (stalled) return "stalled";
      return done ? "end" : value;
    } catch {
      return stalled ? "stalled" : "broken";
    } finally {
      this.#alarm.clear();
    }
  }

  /** Wants no more of it. Never rejects. */
  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }

  /** It will not be read any more. */
  close(): void {
    this.#alarm.stop();
  }
}
