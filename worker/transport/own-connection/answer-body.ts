/**
 * The body of an answer, from a connection that carries nothing else: by its length, by its chunks, or until the connection ends.
 * It is read when it is asked for, and never ends before its end: a body that is cut breaks.
 */
import type { BodyFraming } from "./body-framing.ts";
import { ChunkedDecoder } from "./chunked-decoder.ts";
import { ConnectionFailed, malformed } from "./connection-failed.ts";
import type { Incoming } from "./incoming.ts";

export type StreamedFraming = Extract<BodyFraming, { kind: "length" | "chunked" | "until-close" }>;

/** How a body ended: at its end, or before. */
export type BodyEnd = "whole" | "broken";

/** The body, which begins with `first`. `onEnd` is told once how it ended. */
export function answerBody(
  framing: StreamedFraming,
  first: Uint8Array,
  incoming: Incoming,
  onEnd: (end: BodyEnd) => void,
): ReadableStream<Uint8Array> {
  const unframe = unframerOf(framing);
  let next: Uint8Array | undefined = first;
  let isOver = false;
  const end = (how: BodyEnd): void => {
    if (isOver) return;
    isOver = true;
    onEnd(how);
  };
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) =>
        incoming.onCancel(() => {
          controller.error(new Error("given up"));
          end("broken");
        }),
      pull: async (controller) => {
        try {
          for (;;) {
            const piece: Uint8Array | undefined = next ?? (await incoming.read());
            next = undefined;
            const { data, isLast } = unframe(piece);
            for (const part of data) controller.enqueue(part);
            if (isLast) {
              controller.close();
              return end("whole");
            }
            if (data.length > 0) return;
          }
        } catch (error) {
          controller.error(error);
          end("broken");
        }
      },
      cancel: () => end("broken"),
    },
    { highWaterMark: 0 },
  );
}

/** Takes the framing off a piece; `undefined` is the end of the connection. Throws where that may not be, or what came is wrong. */
type Unframer = (piece: Uint8Array | undefined) => {
  readonly data: readonly Uint8Array[];
  readonly isLast: boolean;
};

function unframerOf(framing: StreamedFraming): Unframer {
  switch (framing.kind) {
    case "length":
      return byLength(framing.bytes);
    case "chunked":
      return byChunks(new ChunkedDecoder());
    case "until-close":
      return (piece) => {
        if (piece === undefined) return { data: [], isLast: true };
        return { data: piece.byteLength === 0 ? [] : [piece], isLast: false };
      };
  }
}

/** Bytes after the length belong to no answer, and are dropped with the connection. */
function byLength(bytes: number): Unframer {
  let left = bytes;
  return (piece) => {
    if (piece === undefined) throw cut();
    const part = piece.subarray(0, left);
    left -= part.byteLength;
    return { data: part.byteLength === 0 ? [] : [part], isLast: left === 0 };
  };
}

function byChunks(decoder: ChunkedDecoder): Unframer {
  return (piece) => {
    if (piece === undefined) throw cut();
    const data = decoder.push(piece);
    if (data === "malformed") throw malformed("malformed chunk");
    return { data, isLast: decoder.isOver };
  };
}

function cut(): ConnectionFailed {
  return new ConnectionFailed({ kind: "reset", sent: "maybe", detail: "body cut" });
}
