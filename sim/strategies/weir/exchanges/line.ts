/** A line to an object: half a round trip each way. A message may be lost on its way there or back. */
import type { ExchangeMessage, ExchangeReply } from "../../../../core/leases/exchange.ts";
import type { Millis } from "../../../../core/upstream.ts";

/** What a line needs of the world. */
export interface Network {
  after(delayMs: Millis, action: () => void): void;
  isLost(): boolean;
}

/** What became of a message, unless nothing is heard of it. */
export interface Answers {
  readonly hear: (reply: ExchangeReply) => void;
  /** The object has no answer, and says so. */
  readonly fail: () => void;
}

/** An object takes a message in, and answers now, later, or not at all. */
export type Receive = (message: ExchangeMessage, answers: Answers) => void;

export class Line {
  readonly #network: Network;
  readonly #wayMs: Millis;
  readonly #receive: Receive;

  constructor(network: Network, rttMs: Millis, receive: Receive) {
    this.#network = network;
    this.#wayMs = rttMs / 2;
    this.#receive = receive;
  }

  /** `answers` get what comes, however late. */
  carry(message: ExchangeMessage, answers: Answers): void {
    this.#network.after(this.#wayMs, () => {
      if (this.#network.isLost()) return;
      this.#receive(message, {
        hear: (reply) => this.#back(() => answers.hear(reply)),
        fail: () => this.#back(() => answers.fail()),
      });
    });
  }

  #back(arrive: () => void): void {
    if (!this.#network.isLost()) this.#network.after(this.#wayMs, arrive);
  }
}
