/**
 * The keys that an isolate knows of an issuer: when they are fetched, `core/access/key-book.ts` says. No request waits for a promise of another one, as
 * the platform does not allow it: requests that come while the first fetches the keys look again until they are there.
 */
import type { createLocalJWKSet } from "jose";
import { KeyBook } from "../../../core/access/key-book.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import { logEvent } from "../../telemetry/log-event.ts";
import { fetchKeys } from "./jwks.ts";

export type KeySet = ReturnType<typeof createLocalJWKSet>;

const lookAgainMs: Millis = 20;
const waitAtMostMs: Millis = 5_000;

export class IssuerKeys {
  readonly #issuer: string;
  readonly #url: string;
  readonly #book: KeyBook<KeySet>;

  constructor(issuer: string, url: string, keepMs: Millis) {
    this.#issuer = issuer;
    this.#url = url;
    this.#book = new KeyBook(keepMs);
  }

  /**
   * The keys; `undefined`: there are none.
   * @param lacking keys that have not the one that a token names. Then others are looked for; `undefined`: there are no others.
   */
  async keys(waitUntil: (work: Promise<unknown>) => void, lacking?: KeySet): Promise<KeySet | undefined> {
    const giveUpMs = Date.now() + waitAtMostMs;
    for (;;) {
      const now = this.#book.look(Date.now(), lacking !== undefined);
      if (now.kind === "use" && now.keys !== lacking) {
        if (now.todo === "fetch") waitUntil(this.#fetch());
        return now.keys;
      }
      const todo = now.kind === "use" ? now.todo : now.kind;
      if (todo === "fetch") return this.#fetch();
      if (todo !== "wait" || Date.now() >= giveUpMs) return undefined;
      await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
    }
  }

  /** Never rejects. */
  async #fetch(): Promise<KeySet | undefined> {
    try {
      const [list, { createLocalJWKSet }] = await Promise.all([fetchKeys(this.#url), import("jose")]);
      const keys = createLocalJWKSet(list);
      this.#book.fetched(keys, Date.now());
      return keys;
    } catch (error) {
      this.#book.failed(Date.now());
      const detail = error instanceof Error ? error.message : String(error);
      logEvent({ event: "keys-not-fetched", issuer: this.#issuer, detail });
      return undefined;
    }
  }
}
