/**
 * An answer that comes before the end of its request. The runtime ends the connection when such an answer is over (after a second, or
 * 64 KiB), and a client that is still sending gets a broken pipe in its place. So the answer is sent at once, but its end waits until
 * what the client still sends has been read and dropped, within bounds (`core/connections/lingering.ts`): only as long as an answer
 * goes on does the runtime read a request. A client that reads early has all of it, since its length says so.
 *
 * At the edge the platform has the client's connection, and does as it likes.
 */
import { Lingering, LingeringPlaces } from "../../../core/connections/lingering.ts";
import type { ActiveConfig } from "../../active-config.ts";
import { ownerOf } from "../request/client-address.ts";
import { ClientBody } from "../request/client-body.ts";

/** The clients that the isolate goes on reading from. */
const places = new LingeringPlaces();

/** The part of the request's body that has not been read and is not being read. */
export function unreadOf(request: Request): ClientBody | undefined {
  const { body } = request;
  if (body === null || body.locked) return undefined;
  // A client that waits for 100 has sent nothing, and reading would make the runtime send the 100 (RFC 9110 §10.1.1).
  const waits = !request.bodyUsed && request.headers.get("Expect") !== null;
  return waits ? undefined : new ClientBody(body);
}

/** Reads on the client of one request. */
export class Lingerer {
  readonly #active: ActiveConfig;
  readonly #address: () => string | undefined;
  readonly #waitUntil: (work: Promise<unknown>) => void;

  /** @param address says the client's, if it is known. */
  constructor(
    active: ActiveConfig,
    address: () => string | undefined,
    waitUntil: (work: Promise<unknown>) => void,
  ) {
    this.#active = active;
    this.#address = address;
    this.#waitUntil = waitUntil;
  }

  /**
   * Reads on, drops what comes, and resolves when the client may be let go; `undefined`: it cannot be read on, and nothing more of it
   * is wanted.
   * @param isWhole as of `Lingering`.
   */
  drop(rest: ClientBody, isWhole: boolean): Promise<void> | undefined {
    const now = Date.now();
    const isEdge = this.#active.ok && this.#active.config.target === "edge";
    const place = isEdge ? undefined : places.takePlace(ownerOf(this.#address()), now);
    if (place === undefined) {
      void rest.cancel();
      return undefined;
    }
    return rest.drop(new Lingering(now, isWhole)).finally(() => places.giveBack(place));
  }

  /** Weir's own answer, at once, behind which the client is read on if there is a rest. */
  behind(answer: Response, method: string, rest: ClientBody | undefined): Response | Promise<Response> {
    const letGo = rest && this.drop(rest, true);
    return letGo === undefined ? answer : this.hold(answer, method, letGo);
  }

  /** Weir's own answer, whose end waits until the client may be let go. One without a body waits as a whole. */
  async hold(answer: Response, method: string, letGo: Promise<void>): Promise<Response> {
    if (answer.body === null && method !== "HEAD") {
      await letGo;
      return answer;
    }
    // To HEAD, too: the runtime sends nothing of it.
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const { readable, writable } = new FixedLengthStream(bytes.byteLength);
    this.#waitUntil(sendAndHold(bytes, writable.getWriter(), letGo));
    return new Response(readable, answer);
  }
}

async function sendAndHold(
  bytes: Uint8Array,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  letGo: Promise<void>,
): Promise<void> {
  try {
    const written = bytes.byteLength > 0 ? writer.write(bytes) : undefined;
    await Promise.all([written, letGo]);
    await writer.close();
  } catch {
    // A client that has gone takes none of it; then it sends nothing either.
    await letGo;
  }
}
