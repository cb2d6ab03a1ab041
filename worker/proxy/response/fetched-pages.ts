/**
 * Pages for errors that an upstream has. They are asked for when an error needs them, by requests beside the client's, and kept for a while:
 * errors come in crowds, and the upstream of the pages must not meet one. A client never waits for another client's request (in workerd a
 * request must not), so while a page is on its way, others get the one before, or Weir's own.
 */
import type { Millis } from "../../../core/model/upstream.ts";
import type { ActiveUpstream } from "../../active-config.ts";
import type { PagePlace } from "../../config/kinds/page.ts";
import { sendAside } from "../side-request.ts";
import type { Transaction } from "../transaction.ts";

/** So long a page is taken for the one that the upstream has now. */
const freshMs: Millis = 10_000;
/** The client of the error waits for it. */
const timeoutMs: Millis = 2_000;
const largestBytes = 65_536;

interface Fetched {
  /** Absent: it never came. */
  html: string | undefined;
  /** From then on it is asked for again. */
  freshUntilMs: Millis;
}

export class FetchedPages {
  readonly #upstreamOf: (name: string) => ActiveUpstream;
  /** As many as the config names. */
  readonly #pages = new Map<string, Fetched>();

  constructor(upstreamOf: (name: string) => ActiveUpstream) {
    this.#upstreamOf = upstreamOf;
  }

  /** The page; `undefined`: there is none yet, or no longer. Never rejects. */
  async get(tx: Transaction, place: PagePlace): Promise<string | undefined> {
    const upstream = place.upstream === undefined ? tx.upstream : this.#upstreamOf(place.upstream);
    const key = `${upstream.config.name} ${place.path}`;
    const known = this.#pages.get(key);
    const now = Date.now();
    if (known !== undefined && now < known.freshUntilMs) return known.html;
    const page = known ?? { html: undefined, freshUntilMs: 0 };
    this.#pages.set(key, page);
    // Whether it comes or not, no other request asks for it meanwhile.
    page.freshUntilMs = now + freshMs;
    page.html = (await fetchPage(tx, upstream, place.path)) ?? page.html;
    return page.html;
  }
}

async function fetchPage(
  tx: Transaction,
  upstream: ActiveUpstream,
  target: string,
): Promise<string | undefined> {
  const headers = new Headers({ Accept: "text/html" });
  const side = { by: "errors", upstream, method: "GET", target, headers, timeoutMs };
  const answer = await sendAside(tx, side);
  if (answer.kind === "failed") return undefined;
  const text = await shortText(answer.response);
  return answer.response.status === 200 ? text : undefined;
}

/** The body; `undefined`: it is too long, or did not come. */
async function shortText({ body }: Response): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  try {
    for await (const chunk of body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > largestBytes) return undefined;
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch {
    return undefined;
  }
}
