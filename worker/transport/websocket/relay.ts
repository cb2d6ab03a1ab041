/**
 * Carries a WebSocket's bytes between client and origin as they are, each way no faster than they are taken there: what an end does
 * not read stays with its sender, and Weir holds one piece of it. Frames are followed (`core/websocket/frames.ts`), not read, so
 * that an end that is lost without a Close can be told of to the other one, and one that has fallen silent can be pinged.
 */
import type { AnswerEnd } from "../../../core/health/judgement.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import type { Mask } from "../../../core/websocket/frames.ts";
import { Liveness } from "../../../core/websocket/liveness.ts";
import { FrameWriter, type ByteWriter } from "./frame-writer.ts";

/** One end: what comes from it, and what goes to it. */
export interface RelayEnd {
  /** The next bytes; `undefined`: it has ended. Rejects when it breaks. */
  readonly read: () => Promise<Uint8Array | undefined>;
  /** What was read last is wanted no more. */
  readonly giveBack: (piece: Uint8Array) => void;
  readonly writer: ByteWriter;
}

/** How long the ends may take to close behind a Close: RFC 6455 §7.1.1 leaves it open, and some never do. */
export const closeTimeoutMs: Millis = 10_000;
/** A write that took so long had to wait for the end to take it. */
const stalledMs: Millis = 1_000;
/** Of an end that vanished without a Close its peer is told that the gateway lost it (IANA registry: 1014, Bad Gateway). */
const badGateway = 1014;

interface Side {
  readonly end: RelayEnd;
  readonly to: FrameWriter;
  readonly life: Liveness;
  /** It is not read from while the other side has not taken what came last. */
  isHeard: boolean;
  /** It takes what it is sent. */
  isTaking: boolean;
}

export class SocketRelay {
  /** Settles when the origin's connection is over, or will be ended: that is what its slot stands for. Never rejects. */
  readonly closed: Promise<AnswerEnd>;
  readonly #client: Side;
  readonly #origin: Side;
  #settle: (end: AnswerEnd) => void = () => undefined;
  #isOver = false;
  /** How the client ended. */
  #clientEnd: AnswerEnd | undefined;
  #hangUp: number | undefined;
  #watch: number | undefined;

  /** Begins at once. @param newMask four random bytes. @param pingMs as of `Liveness`. */
  constructor(client: RelayEnd, origin: RelayEnd, newMask: () => NonNullable<Mask>, pingMs: Millis) {
    const now = Date.now();
    const side = (end: RelayEnd, mask: () => Mask): Side => ({
      end,
      to: new FrameWriter(end.writer, mask),
      life: new Liveness(now, pingMs),
      isHeard: true,
      isTaking: true,
    });
    this.#client = side(client, () => undefined);
    this.#origin = side(origin, newMask);
    this.closed = new Promise((resolve) => (this.#settle = resolve));
    void this.#carry(this.#client, this.#origin, () => this.#clientEnded());
    void this.#carry(this.#origin, this.#client, () => this.#originEnded());
    this.#look();
  }

  /** Ends it, whatever is under way; both ends are told. */
  cut(): void {
    if (this.#isOver) return;
    this.#origin.to.tellLost(badGateway);
    this.#over("cut-by-weir");
  }

  async #carry(from: Side, to: Side, onEnded: () => void): Promise<void> {
    try {
      for (;;) {
        const piece = await from.end.read();
        if (piece === undefined || this.#isOver) break;
        const cameMs = Date.now();
        from.life.sign(cameMs);
        from.isHeard = false;
        // What an end that takes no more is still sent is dropped, so that the end of its sender is seen.
        if (to.isTaking) await to.to.write(piece).catch(() => this.#refused(to));
        from.end.giveBack(piece);
        const takenMs = Date.now();
        from.isHeard = true;
        from.life.sign(takenMs);
        if (takenMs - cameMs >= stalledMs) to.life.sign(takenMs);
        if (to.to.hasClose) this.#expectEnd();
      }
    } catch {
      // A reset is an end, too.
    }
    onEnded();
  }

  /** An end takes no more. What an origin has said before is still on its way, and perhaps a Close. */
  #refused(side: Side): void {
    side.isTaking = false;
    if (side === this.#client) this.#clientEnded();
    else this.#expectEnd();
  }

  #clientEnded(): void {
    if (this.#isOver || this.#clientEnd !== undefined) return;
    this.#clientEnd = this.#hasClose ? "complete" : "client-gone";
    this.#origin.to.tellLost(badGateway);
    this.#expectEnd();
  }

  /** After the client's end it is no news how the origin ends. */
  #originEnded(): void {
    if (!this.#isOver) this.#over(this.#clientEnd ?? (this.#hasClose ? "complete" : "cut-by-origin"));
  }

  get #hasClose(): boolean {
    return this.#client.to.hasClose || this.#origin.to.hasClose;
  }

  #expectEnd(): void {
    this.#hangUp ??= setTimeout(() => this.#originEnded(), closeTimeoutMs);
  }

  /** Looks after both ends, and again when it is time for that. */
  #look(): void {
    const now = Date.now();
    for (const side of [this.#client, this.#origin]) {
      if (!side.isHeard) side.life.sign(now);
      switch (side.life.look(now)) {
        case "fine":
          break;
        case "ping":
          side.to.ping();
          break;
        case "gone":
          if (side === this.#client) this.#clientEnded();
          else this.#originEnded();
      }
    }
    if (this.#isOver || this.#clientEnd !== undefined) return;
    const nextMs = Math.min(this.#client.life.nextMs(), this.#origin.life.nextMs());
    this.#watch = setTimeout(() => this.#look(), Math.max(nextMs - now, stalledMs));
  }

  #over(end: AnswerEnd): void {
    this.#isOver = true;
    clearTimeout(this.#hangUp ?? null);
    clearTimeout(this.#watch ?? null);
    this.#client.to.tellLost(badGateway);
    void this.#client.to.end();
    this.#settle(end);
  }
}
