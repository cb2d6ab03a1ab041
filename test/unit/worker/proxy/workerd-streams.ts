/**
 * Stand-ins for the two streams that only workerd has, as far as the proxy relies on them: both pass bytes through
 * as they are, as copies, and a FixedLengthStream fails when it is closed before, or written beyond, its length.
 */
import { afterEach, beforeEach, vi } from "vitest";

/** Their readable ends are byte streams. */
function asBytes(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      const { done, value } = await reader.read();
      if (!done) return controller.enqueue(new Uint8Array(value));
      controller.close();
      controller.byobRequest?.respond(0);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

class IdentityTransformStream extends TransformStream<Uint8Array, Uint8Array> {
  constructor() {
    super({ transform: (chunk, controller) => controller.enqueue(chunk.slice()) });
  }
}

class FixedLengthStream extends TransformStream<Uint8Array, Uint8Array> {
  #bytes: ReadableStream<Uint8Array> | undefined;

  override get readable(): ReadableStream<Uint8Array> {
    return (this.#bytes ??= asBytes(super.readable));
  }

  constructor(length: number) {
    let passed = 0;
    super({
      transform(chunk, controller) {
        passed += chunk.byteLength;
        if (passed > length)
          throw new TypeError("Attempt to write too many bytes through a FixedLengthStream.");
        controller.enqueue(chunk.slice());
      },
      flush() {
        if (passed < length)
          throw new TypeError("FixedLengthStream did not see all expected bytes before close().");
      },
    });
  }
}

/** Puts them in place for every test of the file. */
export function standInForWorkerdStreams(): void {
  beforeEach(() => {
    vi.stubGlobal("IdentityTransformStream", IdentityTransformStream);
    vi.stubGlobal("FixedLengthStream", FixedLengthStream);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });
}

/** Bytes that differ from place to place, so that a lost or doubled piece shows. */
export function patterned(length: number): Uint8Array<ArrayBuffer> {
  // Not `Uint8Array.from`, which takes twenty times as long: tests make ten megabytes.
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) bytes[index] = index * 31 + (index >> 8);
  return bytes;
}

/** What a byte stream does after its last piece. */
export type StreamEnd = "close" | "break" | "hang";

export interface Source {
  readonly stream: ReadableStream<Uint8Array>;
  /** Bytes handed out so far. */
  pulled: number;
  /** Whether the reader gave up. */
  cancelled: boolean;
}

/** A byte stream in pieces, as one from the network: one piece a pull, and it may break. */
export function sourceOf(pieces: readonly Uint8Array[], end: StreamEnd = "close"): Source {
  const queue = pieces.filter(({ byteLength }) => byteLength > 0).map((piece) => piece.slice());
  const source: Source = {
    stream: new ReadableStream({
      type: "bytes",
      pull(controller) {
        const piece = queue.shift();
        if (piece !== undefined) {
          source.pulled += piece.byteLength;
          controller.enqueue(piece);
        } else if (end === "close") {
          controller.close();
          controller.byobRequest?.respond(0);
        } else if (end === "break") {
          controller.error(new Error("Network connection lost."));
        }
      },
      cancel() {
        source.cancelled = true;
      },
    }),
    pulled: 0,
    cancelled: false,
  };
  return source;
}
