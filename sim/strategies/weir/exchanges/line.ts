/** A line to an object: half a round trip each way. A message may be lost on its way there or back. */
import type { Millis } from "../../../../core/model/upstream.ts";
import type { AskName, WaitEnd } from "../../../../core/protocol/pick.ts";
import type { ExchangeMessage, ExchangeReply } from "../../../../core/protocol/exchange.ts";

/** What a line needs of the world. */
export interface Network {
  after(delayMs: Millis, action: () => void): void;
  isLost(): boolean;
}

/** What became of a message, unless nothing is heard of it. */
export interface Answers {
  readonly onReply: (reply: ExchangeReply) => void;
  /** The object has no answer, and says so. */
  readonly fail: () => void;
}

/** What became of a call that waits for an ask of the queue, unless nothing is heard of it; `undefined`: nothing is known of the ask. */
export type OnWaitEnd = (pick: WaitEnd["pick"] | undefined) => void;

/** What an object does with what comes. */
export interface Receiver {
  readonly receive: Receive;
  /** Holds the call until the ask has left the queue. Absent: no request waits there. */
  readonly hold?: (ask: AskName, onEnd: OnWaitEnd) => void;
}

/** An object takes a message in, and answers now, later, or not at all. */
export type Receive = (message: ExchangeMessage, answers: Answers) => void;

export class Line {
  readonly #network: Network;
  readonly #wayMs: Millis;
  readonly #receiver: Receiver;

  constructor(network: Network, rttMs: Millis, receiver: Receiver) {
    this.#network = network;
    this.#wayMs = rttMs / 2;
    this.#receiver = receiver;
  }

  /** `answers` get what comes, however late. */
  carry(message: ExchangeMessage, answers: Answers): void {
    this.#network.after(this.#wayMs, () => {
      if (this.#network.isLost()) return;
      this.#receiver.receive(message, {
        onReply: (reply) => this.#back(() => answers.onReply(reply)),
        fail: () => this.#back(() => answers.fail()),
      });
    });
  }

  /** A call that is held until the ask has left the queue. */
  wait(ask: AskName, onEnd: OnWaitEnd): void {
    this.#network.after(this.#wayMs, () => {
      if (this.#network.isLost()) return;
      this.#receiver.hold?.(ask, (pick) => this.#back(() => onEnd(pick)));
    });
  }

  #back(arrive: () => void): void {
    if (!this.#network.isLost()) this.#network.after(this.#wayMs, arrive);
  }
}
