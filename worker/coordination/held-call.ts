/** A call that an object holds open until it has something to say, which may be never: the client goes away, or the time. */
import type { Millis } from "../../core/upstream.ts";
import type { Alarm } from "../alarm.ts";

export interface HeldUntil {
  readonly alarm: Alarm;
  /** By then the object has answered, or never will. */
  readonly untilMs: Millis;
  readonly client: AbortSignal;
}

/** The call's result, unless the client goes away first. Rejects as the call does, and when the time is over. */
export function heldCall<Result>(
  { alarm, untilMs, client }: HeldUntil,
  call: () => Promise<Result>,
): Promise<Result | "client-gone"> {
  return new Promise((resolve, reject) => {
    const leave = (): void => resolve("client-gone");
    if (client.aborted) return leave();
    client.addEventListener("abort", leave, { once: true });
    alarm.set(untilMs - Date.now(), () => reject(new Error("the object does not say how the wait ended")));
    call()
      .then(resolve, reject)
      .finally(() => client.removeEventListener("abort", leave));
  });
}
