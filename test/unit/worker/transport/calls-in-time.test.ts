/** For how long an isolate waits for an object's answer. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Alarm } from "../../../../worker/alarm.ts";
import { answered, heldCall } from "../../../../worker/transport/object-exchange.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A call that is never answered. */
const silent = (): Promise<never> => new Promise(() => {});

const terms = () => ({ alarm: new Alarm(), exchangeMs: 250, now: Date.now() });

/** How a promise has ended so far. */
function watch(promise: Promise<unknown>): { ended?: "resolved" | "rejected" } {
  const seen: { ended?: "resolved" | "rejected" } = {};
  promise.then(
    () => (seen.ended = "resolved"),
    () => (seen.ended = "rejected"),
  );
  return seen;
}

describe("an answer that the object has no reason to hold back", () => {
  test("is handed on", async () => {
    expect(await answered(terms(), async () => "yes")).toBe("yes");
  });

  test("is lost when the call is", async () => {
    const call = answered(terms(), async () => {
      throw new Error("Network connection lost.");
    });
    await expect(call).rejects.toThrow("Network connection lost.");
  });

  test("is waited for as long as the config says, and no longer", async () => {
    const seen = watch(answered(terms(), silent));
    await vi.advanceTimersByTimeAsync(200);
    expect(seen.ended).toBeUndefined();
    await vi.advanceTimersByTimeAsync(300);
    expect(seen.ended).toBe("rejected");
  });
});

describe("a call that the object holds open", () => {
  const held = (client: AbortSignal, call: () => Promise<unknown> = silent) =>
    heldCall({ ...terms(), forMs: 5_000, client }, call);

  test("is waited for that long, and as long again as an answer may take", async () => {
    const seen = watch(held(new AbortController().signal));
    await vi.advanceTimersByTimeAsync(5_100);
    expect(seen.ended).toBeUndefined();
    await vi.advanceTimersByTimeAsync(400);
    expect(seen.ended).toBe("rejected");
  });

  test("is left as soon as the client has gone", async () => {
    const client = new AbortController();
    const call = held(client.signal);
    client.abort();
    expect(await call).toBe("client-gone");
  });

  test("is not made for a client that has gone already", async () => {
    const call = vi.fn(silent);
    expect(await held(AbortSignal.abort(), call)).toBe("client-gone");
    expect(call).not.toHaveBeenCalled();
  });
});
