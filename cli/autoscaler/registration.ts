/**
 * An origin's side of registering (docs/bursting.md): it says again and again where it is, and goodbye before it ends. An
 * origin of your own needs no more than this.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { registrationText, signedHeaders } from "../../worker/transport/signed-message.ts";

/** What registers, and where. */
export interface Entry {
  /** Weir's own URL. */
  readonly weir: string;
  readonly upstream: string;
  readonly pool: string;
  readonly secret: string;
  readonly name: string;
  readonly url: string;
}

interface Answer {
  readonly state?: "joined" | "renewed" | "draining" | "gone";
  readonly everyMs?: number;
  readonly error?: { readonly code: string; readonly message: string };
}

/** After a refusal, or no answer; and how often an instance that leaves asks whether it has gone. */
const againMs = 1_000;

const answerWithinMs = 5_000;

/** Says what has changed: `joined`, or why not. */
type Tell = (what: string) => void;

/** Registers, and sends heartbeats until `signal` aborts. Whatever goes wrong, it goes on. */
export async function stayRegistered(entry: Entry, signal: AbortSignal, tell: Tell): Promise<void> {
  let last = "";
  while (!signal.aborted) {
    const answer = await send(entry, false);
    const said = answer.error?.code ?? "registered";
    if (said !== last) tell(answer.error?.message ?? said);
    last = said;
    await sleep(answer.everyMs ?? againMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Says goodbye, and waits until nothing is open here any more, or for so long. Whether Weir has let it go. */
export async function sayGoodbye(entry: Entry, withinMs: number): Promise<boolean> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const { state } = await send(entry, true);
    if (state === "gone") return true;
    if (performance.now() >= untilMs) return false;
    await sleep(againMs / 4);
  }
}

async function send({ weir, upstream, pool, secret, name, url }: Entry, leaving: boolean): Promise<Answer> {
  const body = JSON.stringify({ name, url, ...(leaving && { leaving }) });
  const text = registrationText({ upstream, pool }, body);
  try {
    const response = await fetch(`${weir}/_weir/api/v1/pools/${encodeURIComponent(pool)}/register`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(await signedHeaders(secret, text, Date.now())) },
      body,
      signal: AbortSignal.timeout(answerWithinMs),
    });
    const answer: Answer = JSON.parse(await response.text());
    return answer;
  } catch (error) {
    return { error: { code: "no-answer", message: `Weir does not answer: ${String(error)}` } };
  }
}
