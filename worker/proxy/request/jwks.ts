/** Fetches an issuer's keys (a JWKS, RFC 7517 §5): within a time, of a bounded size, from the URL in the config and from nowhere else. */
import type { JSONWebKeySet } from "jose";

const answerWithinMs = 5_000;
const mostBytes = 131_072;
const mostKeys = 100;

/** @throws if it does not answer in time with a list of keys. The error says why, and nothing that the answer has in it. */
export async function fetchKeys(url: string): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    // Another place would be one that nobody has written into the config.
    redirect: "manual",
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(answerWithinMs),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`it answered ${response.status}`);
  }
  return keySetOf(await textOf(response));
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error(`its list has more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return new Response(joined(chunks, bytes)).text();
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function keySetOf(text: string): JSONWebKeySet {
  const read: unknown = parsed(text);
  const keys = typeof read === "object" && read !== null && "keys" in read ? read.keys : undefined;
  if (!Array.isArray(keys) || keys.length > mostKeys)
    throw new Error(`it is no list of at most ${mostKeys} keys`);
  return { keys: keys.filter((key) => typeof key === "object" && key !== null) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("it is no JSON");
  }
}
