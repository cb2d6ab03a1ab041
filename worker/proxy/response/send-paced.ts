/** Sends bytes to a client at the pace of its route (`core/connections/send-pace.ts`). */
import type { SendPace } from "../../../core/connections/send-pace.ts";
import type { Millis } from "../../../core/model/upstream.ts";

/** Where the bytes go. Both reject when the client has gone. */
export interface PacedSink {
  /** Resolves when the client has taken them. */
  readonly write: (bytes: Uint8Array) => Promise<unknown>;
  readonly pause: (forMs: Millis) => Promise<void>;
}

/** Sends the bytes in parts, each in its time. Resolves when the client has taken the last one. */
export async function sendPaced(bytes: Uint8Array, pace: SendPace, sink: PacedSink): Promise<void> {
  for (let from = 0; from < bytes.byteLength;) {
    const now = Date.now();
    const waitMs = pace.waitMs(now);
    if (waitMs > 0) {
      await sink.pause(waitMs);
      continue;
    }
    const part = bytes.subarray(from, from + pace.pieceBytes);
    pace.sent(part.byteLength, now);
    await sink.write(part);
    from += part.byteLength;
  }
}
