/**
 * Which answers speak against the server, and which only against the request. A client may ask for what a server rightly refuses, as
 * often as it likes: no server may be taken out of service for that. Everything else from 500 on is a server's failure, registered
 * or not (RFC 9110 §15.6: "the server is aware that it has erred or is incapable of performing the requested method").
 *
 * One list serves both passive health and retries: a status that `retries.on` names is a failure, unless `passive.statuses` is
 * written and does not have it.
 */
import type { PassiveHealth, Retries } from "../../model/upstream.ts";

/** Statuses from 500 on that say something about the request, with the section that says so. */
export const aboutRequest: ReadonlyMap<number, string> = new Map([
  [501, "RFC 9110 §15.6.2: the server does not support what is asked for"],
  [505, "RFC 9110 §15.6.6: the server does not support the request's version of HTTP"],
  [506, "RFC 2295 §8.1: the resource that was asked for negotiates in a circle"],
  [507, "RFC 4918 §11.5: what the client wants to store does not fit, as in a full quota"],
  [508, "RFC 5842 §7.2: the resources that were asked for form a loop"],
  [510, "RFC 2774 §7: the request lacks an extension that the resource demands"],
  [511, "RFC 6585 §6: the client has to log in to its network"],
]);

/** What an upstream's config says of failures. */
export interface FailureRules {
  readonly passive?: Pick<PassiveHealth, "statuses">;
  readonly retries: Pick<Retries, "on">;
}

/** Whether an answer with this status is a failure of the origin. */
export function isFailure(status: number, { passive, retries }: FailureRules): boolean {
  if (status < 400) return false;
  if (passive?.statuses !== undefined)
    return passive.statuses.some(({ from, to }) => from <= status && status <= to);
  if (status >= 500 && !aboutRequest.has(status)) return true;
  return retries.on.some((cause) => cause === String(status));
}
