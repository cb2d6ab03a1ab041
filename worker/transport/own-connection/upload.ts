/**
 * Sends the body of a request, no faster than the origin takes it. A body with a length is piped by the runtime; chunks are
 * framed here, each in the memory that it was read into, so that it is written at one stroke.
 *
 * It never ends a body that has broken off: the last chunk is missing then, or a part of the length, and the origin sees so.
 */

const pieceBytes = 131_072;
/** Room before a piece for its size in hexadecimal and CRLF, and behind it for CRLF. */
const [before, behind] = [10, 2];

const encoder = new TextEncoder();

/** Resolves when all of it has been handed on; rejects when the source breaks, the origin takes no more, or `stop` aborts. */
export async function sendBody(
  body: ReadableStream<Uint8Array>,
  isChunked: boolean,
  to: WritableStream<Uint8Array>,
  stop: AbortSignal,
): Promise<void> {
  // Aborted, the connection would not end before its request does, though it were closed.
  if (!isChunked) return body.pipeTo(to, { preventClose: true, preventAbort: true, signal: stop });
  const reader = body.getReader({ mode: "byob" });
  const cancel = (): void => void reader.cancel(stop.reason).catch(() => undefined);
  stop.addEventListener("abort", cancel, { once: true });
  if (stop.aborted) cancel();
  const writer = to.getWriter();
  try {
    let memory = new ArrayBuffer(before + pieceBytes + behind);
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(memory, before, pieceBytes));
      stop.throwIfAborted();
      if (done) break;
      await writer.write(framed(value));
      memory = value.buffer;
    }
    await writer.write(encoder.encode("0\r\n\r\n"));
    writer.releaseLock();
  } catch (error) {
    cancel();
    throw error;
  } finally {
    stop.removeEventListener("abort", cancel);
  }
}

/** The chunk, made around its data. */
function framed(data: Uint8Array<ArrayBuffer>): Uint8Array {
  const size = encoder.encode(`${data.byteLength.toString(16)}\r\n`);
  const start = data.byteOffset - size.byteLength;
  const end = data.byteOffset + data.byteLength;
  const chunk = new Uint8Array(data.buffer, start, end + behind - start);
  chunk.set(size);
  chunk.set([13, 10], end - start);
  return chunk;
}
