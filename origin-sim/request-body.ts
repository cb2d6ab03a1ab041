/**
 * Takes in a request's body without keeping more of it than asked: what a client uploads has no bound.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isUtf8 } from "node:buffer";

export interface RequestBody {
  readonly bytes: number;
  /** Hexadecimal; of the whole body, however much of it was kept. */
  readonly sha256: string;
  /** The body, if it fits; absent: it was larger. */
  readonly content?: Buffer;
}

const noBody: RequestBody = {
  bytes: 0,
  sha256: createHash("sha256").digest("hex"),
  content: Buffer.alloc(0),
};

/** Reads a body to its end and keeps it if it has at most `keepBytes`. Undefined: the client broke off. */
export async function readBody(
  request: IncomingMessage,
  keepBytes: number,
): Promise<RequestBody | undefined> {
  const { "content-length": length, "transfer-encoding": coding } = request.headers;
  if (coding === undefined && (length ?? "0") === "0") return noBody;
  const hash = createHash("sha256");
  let bytes = 0;
  let kept: Buffer[] = [];
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
      if (bytes <= keepBytes) kept.push(chunk);
      else kept = [];
    }
  } catch {
    return undefined;
  }
  const sha256 = hash.digest("hex");
  return bytes <= keepBytes ? { bytes, sha256, content: Buffer.concat(kept) } : { bytes, sha256 };
}

/** The body as JSON can carry it: as text if it is text, else in base64, or only measured. */
export function describeBody({ bytes, sha256, content }: RequestBody): Record<string, unknown> {
  if (content === undefined) return { bytes, sha256 };
  return isUtf8(content)
    ? { bytes, sha256, utf8: content.toString("utf8") }
    : { bytes, sha256, base64: content.toString("base64") };
}
