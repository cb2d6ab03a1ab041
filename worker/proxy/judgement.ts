/**
 * What an origin is held to: what the object hears of an attempt, for passive health and for policies that go by time.
 * A failure counts against an origin only if it hardly lies in what was asked: one client must not be able to take
 * servers out of service by sending them what they rightly refuse.
 */
import type { Millis, OriginName } from "../../core/upstream.ts";
import type { ActiveUpstream } from "../config/active.ts";
import type { UpstreamClient } from "../coordination/upstream-client.ts";
import type { FailureKind } from "../transport/failure.ts";
import type { Served } from "./attempt-loop.ts";
import type { AttemptOutcome } from "./attempt.ts";
import type { BodyEnd } from "./body-end.ts";
import type { PreparedRequest } from "./prepare-request.ts";

/** The connection failed: nothing that an application answers, but for one that hangs up on what it does not like. */
const lostConnection: ReadonlySet<FailureKind> = new Set(["refused", "reset", "dns", "tls", "unreachable"]);

/** These say what the request asks for, not how the origin is: not implemented, no such version of HTTP. */
const aboutRequest: ReadonlySet<number> = new Set([501, 505]);

/** Reports an attempt that failed. A good answer is judged when it has ended: headers alone are not worth much. */
export function judgeAttempt(
  outcome: AttemptOutcome,
  origin: OriginName,
  request: PreparedRequest,
  client: UpstreamClient,
): void {
  switch (outcome.kind) {
    case "client-gone":
    case "client-stalled":
      return;
    case "failed": {
      const { kind } = outcome.failure;
      // Nobody could send it; or it was too long for the origin, which hung up in the middle of it.
      if (kind === "unsendable" || (kind === "reset" && !request.isUploaded())) return;
      const lost = lostConnection.has(kind) ? { lost: true as const } : {};
      return client.observe({ origin, ok: false, detail: kind, ...lost });
    }
    case "response": {
      const { status } = outcome;
      if (status < 500 || aboutRequest.has(status)) return;
      return client.observe({ origin, ok: false, detail: String(status) });
    }
  }
}

/** Reports how an answer ended, with its times; one that failed by its status was reported before. */
export function judgeAnswer(
  ended: BodyEnd,
  served: Served,
  facts: {
    readonly client: UpstreamClient;
    readonly upstream: ActiveUpstream;
    readonly uploaded: Promise<void> | undefined;
  },
): void {
  const { client, upstream, uploaded } = facts;
  const { origin } = served.slot;
  if (ended === "cut-by-origin") {
    if (isOriginsCut(served, upstream)) client.observe({ origin, ok: false, detail: "cut" });
  } else if (ended === "complete" && served.status < 500) {
    // While a client sends its body, it is the client who takes the time.
    client.observe(uploaded === undefined ? { origin, ok: true, ...timesOf(served) } : { origin, ok: true });
  }
}

/**
 * Whether a cut is the origin's failure. One that comes late may be its patience with a client that does not read
 * (nginx's `send_timeout`), and any idle WebSocket may be closed.
 */
function isOriginsCut({ status, sentMs }: Served, { config }: ActiveUpstream): boolean {
  return status !== 101 && Date.now() - sentMs < config.timeouts.headersMs;
}

/** How long the answer took; its end only if it did not come with the headers. */
function timesOf({ status, sentMs, headerMs }: Served): { headerMs: Millis; lastByteMs?: Millis } {
  if (status === 101) return { headerMs };
  const lastByteMs = Date.now() - sentMs;
  return lastByteMs === headerMs ? { headerMs } : { headerMs, lastByteMs };
}
