/** What a drain waits for, in a line for people. */
import type { DrainWait, OriginView } from "../../core/protocol/origin-view.ts";

/** `now` in milliseconds since 1970, as the times in the view. */
export function waitingText(
  { waitingFor, stillOpen, sessions }: Pick<OriginView, "waitingFor" | "stillOpen" | "sessions">,
  now: number,
): string {
  const of = <Why extends DrainWait["why"]>(why: Why) =>
    waitingFor.filter((wait): wait is Extract<DrainWait, { why: Why }> => wait.why === why);
  const parts: string[] = [];
  if (of("in-service").length > 0) parts.push("it was brought back into service meanwhile");
  for (const { untilMs } of of("sessions")) {
    if (sessions > 0) parts.push(`${sessions} ${sessions === 1 ? "session is" : "sessions are"} bound to it`);
    if (untilMs > now)
      parts.push(`sessions that have made only one request may come back (${until(untilMs, now)})`);
  }
  if (stillOpen > 0) parts.push(`${stillOpen} ${stillOpen === 1 ? "request" : "requests"} may be open there`);
  const unconfirmed = of("unconfirmed");
  if (unconfirmed.length > 0) parts.push(`${isolates(unconfirmed.length)} not confirmed it yet`);
  for (const { holder, untilMs } of of("silent"))
    parts.push(`${holder} is silent, and may go on with what it was told before (${until(untilMs, now)})`);
  for (const { untilMs } of of("restarted"))
    parts.push(`Weir's object was restarted, and does not know all isolates yet (${until(untilMs, now)})`);
  if (of("settling").length > 0) parts.push("the last answers are on their way");
  return parts.join("; ");
}

const isolates = (count: number): string => (count === 1 ? "1 isolate has" : `${count} isolates have`);

const until = (untilMs: number, now: number): string =>
  `${Math.max(1, Math.ceil((untilMs - now) / 1_000))} s at most`;

/**
 * Whether a session that is bound to the drained origin may still come: one that is counted, one that has made a single request
 * so far and so is not, or one that an isolate begins which does not know the order yet.
 */
export function mayHaveSessions(
  { sessions, waitingFor }: Pick<OriginView, "sessions" | "waitingFor">,
  now: number,
): boolean {
  return (
    sessions > 0 ||
    waitingFor.some(
      (wait) =>
        wait.why === "unconfirmed" ||
        wait.why === "silent" ||
        (wait.why === "sessions" && wait.untilMs > now),
    )
  );
}
