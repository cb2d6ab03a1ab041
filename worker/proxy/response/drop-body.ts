/** The end of an answer whose body is not wanted: a short one is read, so that the connection to the origin serves again. */

/** To read more costs more than a new connection. */
const worthReadingBytes = 65_536;

/** Reads the body and drops it; a longer one is broken off. Never rejects. */
export async function dropBody({ body }: Response): Promise<void> {
  if (body === null) return;
  try {
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.byteLength;
      if (bytes > worthReadingBytes) return;
    }
  } catch {
    // The origin cut the body, or its time was over: there is nothing more to drop.
  }
}
