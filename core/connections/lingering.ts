/**
 * How long a client is read on when its answer has come before the end of its request. Most clients send all of a body before they
 * read, and one whose connection ends in the meantime gets a broken pipe in place of its answer (RFC 9112 §9.6). So what the client still
 * sends is read and dropped for a while, as nginx does (`lingering_close`, whose two times these are), and Apache.
 *
 * It is a courtesy with bounds: in time and bytes for one client, in places for all of them and for any one.
 */
import type { Millis } from "../model/upstream.ts";

/** nginx's `lingering_time`: by then a client has had its answer, or reads none. */
const longestMs: Millis = 30_000;
/** nginx's `lingering_timeout`: a client that sends nothing for so long has read the answer, or is gone. */
const longestPauseMs: Millis = 5_000;
/** The same for an answer in chunks: its end comes only when Weir stops reading, and a client that has read the rest waits for it. */
const longestPauseBeforeEndMs: Millis = 1_000;
/** nginx has no such bound. This is a third of a second of an isolate's time, and more than Cloudflare lets most sites upload at once. */
const mostBytes = 134_217_728;

/** One client that is read on. */
export class Lingering {
  readonly #startedMs: Millis;
  readonly #pauseMs: Millis;
  #heardMs: Millis;
  #bytes = 0;

  /** @param isWhole the client can see that its answer is whole, as it says its length. */
  constructor(startedMs: Millis, isWhole: boolean) {
    this.#startedMs = this.#heardMs = startedMs;
    this.#pauseMs = isWhole ? longestPauseMs : longestPauseBeforeEndMs;
  }

  /** So many bytes have come. */
  took(bytes: number, now: Millis): void {
    this.#bytes += bytes;
    this.#heardMs = now;
  }

  /** In how long it is over, if nothing comes until then; 0: it is. */
  leftMs(now: Millis): Millis {
    if (this.#bytes >= mostBytes) return 0;
    const untilMs = Math.min(this.#startedMs + longestMs, this.#heardMs + this.#pauseMs);
    return Math.max(0, untilMs - now);
  }
}

/** Each has 128 KiB of memory at most: 8 MiB of an isolate's 128. */
const places = 64;
const placesOfOne = 16;

/** The right to be read on, until it is given back. */
export interface LingeringPlace {
  readonly client: string;
  readonly untilMs: Millis;
}

/**
 * The clients that an isolate reads on. A table of entries with deadlines, not a counter: when the platform kills a request, none of its
 * code runs any more, and its place must come back all the same.
 */
export class LingeringPlaces {
  readonly #taken = new Set<LingeringPlace>();

  /** A place for the client; `undefined`: none is left, or none for this client. */
  takePlace(client: string, now: Millis): LingeringPlace | undefined {
    let ofClient = 0;
    for (const place of this.#taken) {
      if (place.untilMs <= now) this.#taken.delete(place);
      else if (place.client === client) ofClient++;
    }
    if (this.#taken.size >= places || ofClient >= placesOfOne) return undefined;
    const place = { client, untilMs: now + 2 * longestMs };
    this.#taken.add(place);
    return place;
  }

  /** Once is enough; again does no harm. */
  giveBack(place: LingeringPlace): void {
    this.#taken.delete(place);
  }
}
