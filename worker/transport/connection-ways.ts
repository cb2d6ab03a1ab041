/**
 * By which connection a request goes to its origin: what the config says, and where that is `"auto"`, what this isolate has learnt
 * of the origin (`core/connections/keep-alive.ts`). Where the config wants connections used again, a request that may not be sent twice
 * has one of its own all the same while the origin is in doubt (`core/connections/connection-doubt.ts`). All of it is learnt anew when the origin's
 * entry in the config is another one.
 */
import { ConnectionDoubt } from "../../core/connections/connection-doubt.ts";
import { KeepAlive, type Evidence, type Passenger, type Way } from "../../core/connections/keep-alive.ts";
import type { Millis } from "../../core/model/upstream.ts";
import type { Target } from "../../core/protocol/config-section.ts";
import type { OriginConfig } from "../config/sections/origin.ts";
import { logEvent } from "../telemetry/log-event.ts";
import type { OwnWay } from "./origin-request.ts";
import type { Left } from "./own-connection/exchange.ts";

/** So long an answer's connection is watched: a server that closes it behind every answer does so at once. */
const watchMs: Millis = 250;

const byFetch: Way = { kind: "fetch" };
const own: Way = { kind: "own", close: true, watch: false };
const alone: Way = { ...own, only: true };

const known = new WeakMap<OriginConfig, KeepAlive>();
const doubts = new WeakMap<OriginConfig, ConnectionDoubt>();

export interface Traveller extends Passenger {
  /** Its credentials may log the connection in: no other request must ever be on it. */
  readonly logsIn: boolean;
}

/** The way of a client's request. */
export function wayTo(origin: OriginConfig, platform: Target, passenger: Traveller, now: Millis): Way {
  if (passenger.logsIn && mayHaveOwnConnection(origin, platform)) return alone;
  switch (modeOf(origin, platform)) {
    case "each":
      return own;
    case "reuse":
      return !passenger.isRepeatable && isInDoubt(origin, platform) ? own : byFetch;
    case "auto":
      return keepAliveOf(origin).wayFor(passenger, now);
  }
}

/** The way of a probe: where a request may need a connection of its own, it has one, and sees whether there is one to be had. */
export function probeWayTo(origin: OriginConfig, platform: Target): OwnWay | undefined {
  return modeOf(origin, platform) === "reuse" ? undefined : { close: true, isStrict: false };
}

/** The request's own connection on this way, if it has one. `report` is given what is learnt from it, to be waited for. */
export function ownWay(
  origin: OriginConfig,
  upstream: string,
  way: Way,
  report: (learning: Promise<void>) => void,
): OwnWay | undefined {
  if (way.kind !== "own") return undefined;
  const { close } = way;
  const whenOver = way.watch ? (left: Left): void => report(watch(origin, upstream, left)) : undefined;
  return { close, whenOver, isStrict: way.only === true };
}

/** Learns from what was left of a watched connection. Never rejects. */
async function watch(origin: OriginConfig, upstream: string, left: Left): Promise<void> {
  const evidence = await evidenceOf(left);
  if (!keepAliveOf(origin).seen(evidence)) return;
  logEvent({
    event: "connection",
    upstream,
    origin: origin.name,
    way: "each",
    why: "it closes connections behind its answers without saying so",
  });
}

/** A connection to the origin was refused, or one that had been used before was reset. */
export function lostConnection(origin: OriginConfig): void {
  known.get(origin)?.lost();
}

/** An attempt at the origin got no answer. */
export function gotNoAnswer(origin: OriginConfig, now: Millis): void {
  let doubt = doubts.get(origin);
  if (doubt === undefined) doubts.set(origin, (doubt = new ConnectionDoubt()));
  doubt.failed(now);
}

/** An attempt that began at `sentMs` was answered, on a connection of its own. */
export function gotThrough(origin: OriginConfig, sentMs: Millis): void {
  doubts.get(origin)?.connected(sentMs);
}

function isInDoubt(origin: OriginConfig, platform: Target): boolean {
  return doubts.get(origin)?.isOpen === true && mayHaveOwnConnection(origin, platform);
}

/** Whether requests to the origin can have a connection of their own, even if the config wants none. */
export function mayHaveOwnConnection({ connection, via }: OriginConfig, platform: Target): boolean {
  return connection === "each" || (platform === "workerd" && via === "fetch");
}

/** At the edge Cloudflare keeps the connections to origins, and a binding is its own business. */
function modeOf({ connection, via }: OriginConfig, platform: Target): "each" | "reuse" | "auto" {
  if (connection !== "auto") return connection;
  return platform === "workerd" && via === "fetch" ? "auto" : "reuse";
}

function keepAliveOf(origin: OriginConfig): KeepAlive {
  let keepAlive = known.get(origin);
  if (keepAlive === undefined) known.set(origin, (keepAlive = new KeepAlive()));
  return keepAlive;
}

async function evidenceOf(left: Left): Promise<Evidence> {
  if (left.kind !== "silent") return left.kind;
  let timer: number | undefined;
  const stayed = new Promise<Evidence>((resolve) => {
    timer = setTimeout(() => resolve("stayed"), watchMs);
  });
  const closed = left.ended().then((): Evidence => "closed");
  const evidence = await Promise.race([stayed, closed]);
  clearTimeout(timer ?? null);
  left.close();
  return evidence;
}
