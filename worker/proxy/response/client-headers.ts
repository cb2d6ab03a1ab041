/**
 * The head of an answer on its way to the client: the origin's headers, without what belongs to its connection or names the origin itself,
 * then Weir's own, then what the route's filters make of them.
 */
import type { GrantedPick } from "../../../core/protocol/pick.ts";
import { dropChallenges } from "../attempt/connection-login.ts";
import type { OriginResponse } from "../attempt/attempt-loop.ts";
import { runOnSend } from "../filters/run.ts";
import { dropFromClients, has } from "../request/forwarding-headers.ts";
import type { Transaction } from "../transaction.ts";

/** The response, which has a copy of the origin's headers, with those that are for the client. */
export function withClientHeaders(sent: Response, origin: OriginResponse, tx: Transaction): Response {
  const { headers } = sent;
  const found = dropFromClients(headers, origin.response.headers);
  if ((found & has.challenge) !== 0) withoutChallenges(headers, origin.pick, tx);
  // RFC 9110 §6.6.1: a proxy that passes on a response without a date adds one.
  if ((found & has.date) === 0) headers.set("Date", new Date().toUTCString());
  return withOwnHeaders(sent, origin, tx, false, found);
}

/** Takes off the challenges that no client could answer. */
export function withoutChallenges(
  headers: Headers,
  pick: GrantedPick,
  { upstream, client, config }: Pick<Transaction, "upstream" | "client" | "config">,
): void {
  const origin = client.originOf(pick);
  if (origin === undefined) return;
  dropChallenges(headers, { upstream: upstream.config.name, origin, platform: config.target });
}

/** Adds Weir's own headers to an origin's answer, or to one in the place of it (`isOwn`), and lets the filters change them. */
export function withOwnHeaders(
  sent: Response,
  origin: OriginResponse,
  tx: Transaction,
  isOwn: boolean,
  found: number,
): Response {
  const { headers, status } = sent;
  const { via } = tx.config.forwarding;
  headers.set("X-Request-Id", tx.id);
  if (via !== undefined) headers.append("Via", `1.1 ${via}`);
  runOnSend(tx, { status, headers, origin, isOwn, found });
  return sent;
}
