/** Claims that Weir's API refuses: the client that makes them is slowed, and the log says so (`core/resilience/refusals.ts`). */
import { Refusals } from "../../core/resilience/refusals.ts";
import type { AccessDeniedEvent } from "../../core/telemetry/events.ts";
import type { ActiveConfig } from "../active-config.ts";
import { clientAddress, ownerOf } from "../proxy/request/client-address.ts";
import { readRequestUrl } from "../proxy/request/request-url.ts";
import { requestSource } from "../proxy/request/request-source.ts";
import { logEvent } from "../telemetry/log-event.ts";

export class RefusedClaims {
  readonly #refusals = new Refusals();

  /** Waits until the client's claim may be looked at; `false`: it is not to be. */
  async mayClaim(client: string): Promise<boolean> {
    const waitMs = this.#refusals.waitMs(client, Date.now());
    if (waitMs === undefined) return false;
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    return true;
  }

  /** The claim was good. */
  admitted(client: string): void {
    this.#refusals.admitted(client);
  }

  /** It was not. */
  refused(wanted: AccessDeniedEvent["wanted"], why: AccessDeniedEvent["why"], client: string): void {
    const now = Date.now();
    const counted = this.#refusals.refused(client, now);
    if (counted !== undefined) logEvent({ event: "access-denied", wanted, why, client, ...counted }, now);
  }
}

/** Only the address is wanted, and no host by which the client goes. */
const nothing = (): boolean => false;

/** The client's address, as far as a trusted party says it: an IPv4 address, or the /64 of an IPv6 one. */
export function claimant(request: Request, active: ActiveConfig): string {
  const url = readRequestUrl(request);
  const address =
    active.ok && url !== undefined
      ? requestSource(request, url, active.config.target, active.config.forwarding, nothing).address
      : clientAddress(request, "workerd");
  return ownerOf(address);
}
