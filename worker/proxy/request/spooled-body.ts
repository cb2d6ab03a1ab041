/**
 * Takes a body to disk, after what memory holds of it, as fast as the client sends it: an origin is asked when all of it is there.
 */
import { roomAfter, type ClientBody } from "./client-body.ts";
import { endErrors } from "./gather-body.ts";
import type { SpoolFile } from "./body-spool.ts";

/** Pieces begin small, since most clients that come this far are slow, and grow with what comes. */
const firstPieceBytes = 8_192;
const pieceBytes = 131_072;

const nothing = new Uint8Array();

export type Spooled =
  /** All of it is in the file; or, where it is larger than allowed, the beginning. */
  | { readonly kind: "whole" }
  | { readonly kind: "beginning" }
  | (typeof endErrors)[keyof typeof endErrors]
  | { readonly kind: "body-too-large" };

export interface SpoolTerms {
  /** The most that is written to the file, or a piece more. */
  readonly atMost: number;
  /** The most that the route allows. */
  readonly maxBytes: number;
}

/**
 * Never rejects. Where an error is returned, the file has to be removed.
 * @param start what was read of the body already: it is let go as soon as it is written.
 */
export async function spoolBody(
  body: ClientBody,
  start: { head: Uint8Array<ArrayBuffer> },
  file: SpoolFile,
  { atMost, maxBytes }: SpoolTerms,
): Promise<Spooled> {
  let piece = start.head;
  start.head = nothing;
  let memory = new ArrayBuffer(firstPieceBytes);
  try {
    for (;;) {
      if (file.bytes + piece.byteLength > maxBytes) {
        body.release();
        return { kind: "body-too-large" };
      }
      const isRoom = await file.write(piece);
      if (!isRoom || file.bytes > atMost) {
        await file.close();
        return { kind: "beginning" };
      }
      const next = await body.read(memory);
      if (typeof next === "string") {
        body.close();
        if (next !== "end") return endErrors[next];
        await file.close();
        return { kind: "whole" };
      }
      piece = next;
      memory = roomAfter(next, pieceBytes);
    }
  } catch {
    // The disk is full, or gone.
    void body.cancel();
    return endErrors.short;
  }
}
