/**
 * Orders for instances on their way to the operator's autoscaler: a signed `POST` for each, tried again until it is
 * accepted or a newer order takes its place. What stands and whether it was accepted is persisted, so that an order
 * survives this object's memory; its number makes a repetition known for one.
 */
import type { SavedOrder } from "../../core/autoscale/autoscaler.ts";
import { rows } from "../../core/coordinator/rows.ts";
import type { RowStore } from "../../core/coordinator/saved-state.ts";
import type { Millis } from "../../core/model/upstream.ts";
import type { ScaleHookConfig } from "../../worker/config/sections/autoscale.ts";
import type { UpstreamConfig } from "../../worker/config/sections/upstream.ts";
import { classifyThrown } from "../../worker/transport/failure.ts";
import { logEvent } from "../../worker/telemetry/log-event.ts";
import { signedHeaders } from "../../worker/transport/signed-message.ts";

const answerWithinMs: Millis = 10_000;
const [firstPauseMs, longestPauseMs]: readonly [Millis, Millis] = [1_000, 60_000];

export class ScaleHook {
  readonly #store: RowStore;
  readonly #waitUntil: (work: Promise<unknown>) => void;
  #upstream = "";
  #hook: ScaleHookConfig | undefined;
  #isSending = false;

  constructor(store: RowStore, waitUntil: (work: Promise<unknown>) => void) {
    this.#store = store;
    this.#waitUntil = waitUntil;
  }

  /** Orders go by this configuration from now on; one that was not accepted is sent again. */
  use({ name, autoscale }: UpstreamConfig): void {
    this.#upstream = name;
    this.#hook = autoscale?.webhook;
    if (this.#hook !== undefined) this.resume();
  }

  /** Sends the order that stands, unless it is accepted. To be called when there is a new one. */
  resume(): void {
    if (this.#isSending || this.#order()?.accepted !== false) return;
    this.#isSending = true;
    this.#waitUntil(this.#sendAll());
  }

  #order(): SavedOrder | undefined {
    return this.#store.get(rows.order);
  }

  async #sendAll(): Promise<void> {
    let pauseMs = firstPauseMs / 2;
    let saved = this.#order();
    while (saved?.accepted === false && this.#hook !== undefined) {
      const failure = await this.#send(saved, this.#hook);
      const latest = this.#order();
      const isLatest = latest?.order.nth === saved.order.nth;
      if (failure === undefined) {
        if (isLatest) this.#store.put(rows.order, { ...saved, accepted: true });
      } else {
        logEvent({ event: "scale-failed", upstream: this.#upstream, nth: saved.order.nth, detail: failure });
        pauseMs = isLatest ? Math.min(longestPauseMs, 2 * pauseMs) : firstPauseMs;
        await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random() / 2)));
      }
      saved = this.#order();
    }
    this.#isSending = false;
  }

  /** What went wrong, if anything did. */
  async #send(
    { order, evidence, orderedMs }: SavedOrder,
    { url, secret }: ScaleHookConfig,
  ): Promise<string | undefined> {
    const { pool, instances, nth } = order;
    const body = JSON.stringify({ upstream: this.#upstream, pool, instances, orderedMs, evidence });
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "Idempotency-Key": `${this.#upstream}/${pool}/${nth}/${orderedMs}`,
          ...(await signedHeaders(secret, body, Date.now())),
        },
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(answerWithinMs),
      });
      await response.body?.cancel();
      return response.ok ? undefined : `status ${response.status}`;
    } catch (error) {
      // Its own words may quote the URL, whose query may be a password.
      const { kind, detail } = classifyThrown(error);
      return `${kind}: ${detail}`;
    }
  }
}
