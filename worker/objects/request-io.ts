/** What a request lends to its isolate's line to the object: on workerd no other request's would do. */
import type { Millis } from "../../core/model/upstream.ts";
import type { Alarm } from "../alarm.ts";
import type { Env } from "../env.ts";

export interface RequestIo {
  readonly env: Env;
  readonly waitUntil: (work: Promise<unknown>) => void;
  readonly alarm: Alarm;
  /** When the request's time is over: it waits for a slot no longer than that. */
  readonly deadlineMs: Millis;
  /** Aborts when the client goes away. Asked for only if the request has to wait. */
  readonly clientSignal: () => AbortSignal;
}

/** Waits on the request's own timer. */
export function pause(forMs: Millis, { alarm }: Pick<RequestIo, "alarm">): Promise<void> {
  return new Promise((resolve) => alarm.set(forMs, resolve));
}

/** Waits on a timer that outlives the request's answer. */
export function sleep(forMs: Millis): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forMs));
}
