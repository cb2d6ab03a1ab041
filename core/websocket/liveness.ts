/**
 * Whether an end of a WebSocket is still there. A phone in a tunnel says no FIN, and a server whose power is off neither; what a
 * socket's other end hears of it is nothing, as of an end that has nothing to say. So an end that has been silent is pinged (RFC
 * 6455 §5.5.2: a Ping "may serve either as a keepalive or as a means to verify that the remote endpoint is still responsive"), and
 * one that goes on being silent is gone.
 *
 * A sign of life is whatever comes from the end, and that it takes something that had to wait for it: a client may well be
 * silent and slow, and the Ping is behind all that it has not read yet.
 */
import type { Millis } from "../model/upstream.ts";

export type LivenessState = "fine" | "ping" | "gone";

export class Liveness {
  #signMs: Millis;
  #isPinged = false;
  readonly #silenceMs: Millis;

  /** @param silenceMs for so long the end may be silent before it is pinged, and so long again before it is given up; above 0. */
  constructor(now: Millis, silenceMs: Millis) {
    this.#signMs = now;
    this.#silenceMs = silenceMs;
  }

  /** The end has said something, or taken what had waited for it; or it could not be heard until now. */
  sign(now: Millis): void {
    this.#signMs = now;
    this.#isPinged = false;
  }

  /** What to do about the end now. "ping" is said once for each silence. */
  look(now: Millis): LivenessState {
    const silentMs = now - this.#signMs;
    if (silentMs >= 2 * this.#silenceMs && this.#isPinged) return "gone";
    if (silentMs < this.#silenceMs || this.#isPinged) return "fine";
    this.#isPinged = true;
    // A process that has stood still looks too late: the end has its time to answer all the same.
    this.#signMs = now - this.#silenceMs;
    return "ping";
  }

  /** When it is to be looked at again, if nothing is heard until then. */
  nextMs(): Millis {
    return this.#signMs + (this.#isPinged ? 2 : 1) * this.#silenceMs;
  }
}
