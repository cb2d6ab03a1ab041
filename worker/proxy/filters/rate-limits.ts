/**
 * `rateLimits` of a route: requests of a key that exceed a limit are refused, or held back until their turn. The limits are asked in the order
 * of the config; a request that a later one refuses was counted by those before it. The `RateLimit` fields are those of
 * draft-ietf-httpapi-ratelimit-headers-11.
 */
import { Held } from "../../../core/clients/held.ts";
import type { KeyHash } from "../../../core/limits/key-table.ts";
import type { KeyOutlook } from "../../../core/limits/gate.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import type { MaybePromise } from "../../../core/protocol/object-namespace.ts";
import { meets } from "../../../core/rules/conditions.ts";
import type { RateLimitConfig } from "../../config/sections/rate-limits.ts";
import type { LimitsClient, Passage } from "../../objects/limits-client.ts";
import { factsOf, placeOf } from "../request/request-facts.ts";
import { limitKeyOf } from "../request/request-key.ts";
import { PerRequest, type Transaction } from "../transaction.ts";
import { refuse, type ClientHead, type FilterMaker, type RequestVerdict } from "./filter.ts";

/** A request that is held back takes memory: beyond so many in an isolate another one is refused. */
const mostHeldBack = 1_000;
const heldBack = new Held();

/** A limit that a request is held to, with the key that it has there. */
interface KeyedLimit {
  readonly limit: RateLimitConfig;
  readonly key: KeyHash;
}

export const rateLimitsFilter: FilterMaker = ({ route: { rateLimits }, limits }) => {
  if (rateLimits === undefined || limits === undefined) return undefined;
  const counted = new PerRequest<KeyedLimit[]>();
  return {
    name: "rateLimits",
    onThrow: "refuse",
    onRequest: (tx) => {
      const kept: KeyedLimit[] = [];
      counted.keep(tx, kept);
      return passFrom(0, rateLimits, kept, limits, tx);
    },
    onSend: (tx, head) => tell(counted.of(tx) ?? [], limits, head),
  };
};

/** Holds the request to each limit from that one on. */
function passFrom(
  from: number,
  rateLimits: readonly RateLimitConfig[],
  kept: KeyedLimit[],
  limits: LimitsClient,
  tx: Transaction,
): MaybePromise<RequestVerdict | undefined> {
  for (const [nth, limit] of rateLimits.entries()) {
    if (nth < from || !isMeant(limit, tx)) continue;
    const { request, url, source } = tx;
    const key = limits.keyOf(limitKeyOf(limit.name, limit.key, { request, url, address: source.address }));
    kept.push({ limit, key });
    const passage = limits.pass(key, limit, tx);
    const follow = (said: Passage): MaybePromise<RequestVerdict | undefined> => heed(said, limit, tx);
    const verdict = passage instanceof Promise ? passage.then(follow) : follow(passage);
    if (verdict instanceof Promise)
      return verdict.then((late) => late ?? passFrom(nth + 1, rateLimits, kept, limits, tx));
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

/** A condition that cannot be judged, as a value is too long for its pattern, counts as met: a limit is not to be gone around. */
function isMeant({ when }: RateLimitConfig, tx: Transaction): boolean {
  return when === undefined || meets(when, factsOf(tx), placeOf(tx)) !== false;
}

function heed(
  passage: Passage,
  limit: RateLimitConfig,
  tx: Transaction,
): MaybePromise<RequestVerdict | undefined> {
  if (passage.kind === "admit") return passage.waitMs > 0 ? holdBack(passage.waitMs, limit, tx) : undefined;
  return turnAway(passage.kind === "refuse" ? passage.againInMs : undefined, limit, tx);
}

/** @param againInMs `undefined`: the limit's object is lost. */
function turnAway(
  againInMs: Millis | undefined,
  { name, dryRun, status }: RateLimitConfig,
  tx: Transaction,
): RequestVerdict | undefined {
  tx.event.limit ??= name;
  tx.holder?.count("limited", { route: tx.route.name, limit: name, outcome: dryRun ? "dry-run" : "refused" });
  if (dryRun) return undefined;
  tx.alarm.stop();
  return refuse(
    againInMs === undefined ? { kind: "limit-lost" } : { kind: "rate-limited", status, againInMs },
  );
}

async function holdBack(
  waitMs: Millis,
  limit: RateLimitConfig,
  tx: Transaction,
): Promise<RequestVerdict | undefined> {
  if (limit.dryRun) return turnAway(waitMs, limit, tx);
  const now = Date.now();
  const place = heldBack.take("", mostHeldBack, { untilMs: now + waitMs }, now);
  if (place === undefined) return turnAway(waitMs, limit, tx);
  await new Promise<void>((resolve) => tx.alarm.set(waitMs, resolve, now));
  heldBack.giveBack(place);
  tx.event.delayedMs = (tx.event.delayedMs ?? 0) + Date.now() - now;
  tx.holder?.count("limited", { route: tx.route.name, limit: limit.name, outcome: "delayed" });
  return undefined;
}

/** Tells the client of the limits that it was held to. */
function tell(counted: readonly KeyedLimit[], limits: LimitsClient, { headers }: ClientHead): void {
  for (const { limit, key } of counted) {
    if (!limit.headers) continue;
    headers.append(
      "RateLimit-Policy",
      `"${limit.policy}";q=${limit.quota.requests};w=${limit.quota.windowS}`,
    );
    headers.append("RateLimit", `"${limit.policy}";${serviceLimit(limits.outlook(key, limit.terms))}`);
  }
}

const serviceLimit = ({ left, moreInMs }: KeyOutlook): string => `r=${left};t=${Math.ceil(moreInMs / 1_000)}`;
