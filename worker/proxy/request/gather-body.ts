/**
 * Reads the client's body into memory, which is taken as bytes come: a little first, then four times as much whenever it is full. A
 * client that announces 64 KiB and sends one byte takes 4 KiB. Where the isolate's memory is short, the client that has the most of it gives way
 * (`core/buffering/buffer-space.ts`): its body is refused, and never sent on to an origin as slowly as it comes.
 */
import type { BufferSpace, SpacePart } from "../../../core/buffering/buffer-space.ts";
import { roomAfter, type ClientBody } from "./client-body.ts";

/** Bodies up to this size are always read before an origin is asked, and can be sent again. */
export const replayableBytes = 65_536;

/** A piece of memory to begin with. */
const firstBytes = 4_096;

export type Gathered =
  /** All of it. */
  | { readonly kind: "whole"; readonly bytes: Uint8Array<ArrayBuffer>; readonly kept: SpacePart }
  /** It goes on, and no more of it is kept in memory. */
  | { readonly kind: "more"; head: Uint8Array<ArrayBuffer>; readonly kept: SpacePart }
  | { readonly kind: "client-gone" | "upload-timeout" | "body-too-large" | "memory-short" };

export interface GatherTerms {
  /** The Content-Length; absent: the body is chunked. */
  readonly length: number | undefined;
  /** The most that the route allows. */
  readonly maxBytes: number;
  readonly memory: BufferSpace;
  readonly client: string;
  /** The most that is kept in memory; asked again as the body grows. At least `replayableBytes`. */
  readonly atMost: () => number;
}

/** Why a body has no next piece, as an error of the request. */
export const endErrors = {
  broken: { kind: "client-gone" },
  stalled: { kind: "upload-timeout" },
  short: { kind: "memory-short" },
} as const;

/** Reads the body until it ends, or no more of it is kept. Never rejects. What it returns as kept is the caller's to give back. */
export async function gatherBody(body: ClientBody, terms: GatherTerms): Promise<Gathered> {
  const { length, memory, client } = terms;
  const first = Math.min(firstBytes, length ?? firstBytes);
  const kept = memory.open(client, first, Date.now(), () => body.stop("short"));
  if (kept === undefined) {
    body.release();
    return endErrors.short;
  }
  const gathered = await fill(body, kept, first, terms);
  if (gathered.kind === "whole" || gathered.kind === "more") memory.settle(kept);
  else memory.giveBack(kept);
  return gathered;
}

async function fill(
  body: ClientBody,
  kept: SpacePart,
  first: number,
  { length, maxBytes, memory, atMost }: GatherTerms,
): Promise<Gathered> {
  let bytes = new Uint8Array(first);
  let filled = 0;
  let scratch = new ArrayBuffer(first);
  for (;;) {
    if (filled === length) {
      body.close();
      return { kind: "whole", bytes, kept };
    }
    const piece = await body.read(scratch);
    if (typeof piece === "string") {
      body.close();
      return piece === "end" ? { kind: "whole", bytes: bytes.subarray(0, filled), kept } : endErrors[piece];
    }
    const sum = filled + piece.byteLength;
    if (sum > maxBytes) {
      body.release();
      return { kind: "body-too-large" };
    }
    if (sum > bytes.byteLength) {
      const room = Math.max(sum, Math.min(4 * bytes.byteLength, length ?? Infinity, atMost()));
      const isRoom = memory.grow(kept, room - bytes.byteLength, Date.now());
      if (!isRoom && sum <= replayableBytes) {
        body.release();
        return endErrors.short;
      }
      // What is no longer kept is sent on at once, so it is not counted.
      bytes = enlarged(bytes, isRoom ? room : sum);
      if (!isRoom) return goesOn(bytes, piece, filled, kept);
    }
    if (sum > atMost()) return goesOn(bytes, piece, filled, kept);
    bytes.set(piece, filled);
    filled = sum;
    scratch = roomAfter(piece, replayableBytes);
  }
}

/** What was read of a body that is not kept in memory any more. */
function goesOn(
  bytes: Uint8Array<ArrayBuffer>,
  piece: Uint8Array,
  filled: number,
  kept: SpacePart,
): Gathered {
  bytes.set(piece, filled);
  return { kind: "more", head: bytes.subarray(0, filled + piece.byteLength), kept };
}

/** Copied, not collected: a client may send its body byte by byte, and every piece has memory of its own. */
function enlarged(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}
