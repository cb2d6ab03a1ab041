/** Messages that reach coordinators while it is measured, or one of them. */
import type { Millis } from "../../core/model/upstream.ts";

export interface MessageFigures {
  readonly messagesPerSecond: number;
  /** In the second with the most of them. */
  readonly messagesPeak: number;
}

export class MessageCount {
  readonly #from: Millis;
  readonly #until: Millis;
  #count = 0;
  #thisSecond = 0;
  #second = 0;
  #peak = 0;

  /** Of messages between these times, the first included. */
  constructor(from: Millis, until: Millis) {
    this.#from = from;
    this.#until = until;
  }

  /** A message arrives. */
  add(now: Millis): void {
    if (now < this.#from || now >= this.#until) return;
    this.#count++;
    const second = Math.floor((now - this.#from) / 1000);
    if (second !== this.#second) this.#thisSecond = 0;
    this.#second = second;
    this.#peak = Math.max(this.#peak, ++this.#thisSecond);
  }

  figures(): MessageFigures {
    return {
      messagesPerSecond: (this.#count * 1000) / (this.#until - this.#from),
      messagesPeak: this.#peak,
    };
  }
}
