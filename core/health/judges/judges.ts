/**
 * All judges of an upstream, and the evidence that they go by. It is in memory only: the object loses it with its memory, and what it is
 * about would be seen again. Bounded by the number of origins.
 */
import type { Millis, Origin, OriginName, Pool, Upstream } from "../../model/upstream.ts";
import type { OutcomeRun } from "../../protocol/outcome.ts";
import { clients } from "./clients.ts";
import { Failures, type NotedFailure } from "./failures.ts";
import { inRow } from "./in-row.ts";
import type { Accusation, Case, OriginJudge, Peer } from "./judge.ts";
import { share } from "./share.ts";
import { slow } from "./slow.ts";
import { together, whoseAre, Window, type SeenLately, type Whose } from "./window.ts";

/** The first that accuses is the one that is heard. */
const judges: readonly OriginJudge[] = [inRow, share, clients];

/** Times change slowly, and good answers are many: so often they are looked at. */
const slowEveryMs: Millis = 1_000;

interface OriginEvidence {
  readonly pool: Pool;
  readonly origin: Origin;
  readonly window: Window;
  row: Failures;
  slowAtMs: Millis;
}

/** How the upstream's health stands otherwise. */
export interface Surroundings {
  /** The last probe found the origin well. */
  readonly isProbedGood: (origin: OriginName) => boolean;
  /** It serves, so that it can be compared with. */
  readonly serves: (origin: OriginName) => boolean;
}

export class Judges {
  #upstream: Upstream;
  #byOrigin = new Map<OriginName, OriginEvidence>();

  constructor(upstream: Upstream) {
    this.#upstream = upstream;
    this.reconfigure(upstream);
  }

  /** Keeps what was seen of origins that stay. */
  reconfigure(upstream: Upstream): void {
    const before = this.#byOrigin;
    this.#upstream = upstream;
    this.#byOrigin = new Map();
    for (const pool of upstream.pools) {
      for (const origin of pool.origins) {
        const { window = new Window(), row = new Failures(), slowAtMs = 0 } = before.get(origin.name) ?? {};
        this.#byOrigin.set(origin.name, { pool, origin, window, row, slowAtMs });
      }
    }
  }

  /** Good answers: they end the row. Only their times can accuse. */
  good(
    { origin, count = 1, client, several, headerMs = [] }: OutcomeRun,
    now: Millis,
    around: Surroundings,
  ): Accusation | undefined {
    const evidence = this.#byOrigin.get(origin);
    if (evidence === undefined) return undefined;
    if (!evidence.row.isNone) evidence.row = new Failures();
    const whose = several === true || client === undefined ? "several" : client;
    evidence.window.good({ count, whose, headerMs }, now);
    if (this.#upstream.passive?.slow !== true || now < evidence.slowAtMs) return undefined;
    evidence.slowAtMs = now + slowEveryMs;
    const of = this.#caseOf(evidence, now, around);
    return of && slow.judge(of);
  }

  /** One failure. */
  failed(run: OutcomeRun, now: Millis, around: Surroundings): Accusation | undefined {
    const evidence = this.#byOrigin.get(run.origin);
    if (evidence === undefined) return undefined;
    const failed = failedOf(run);
    evidence.row.note(failed);
    evidence.window.failed(failed, now);
    return this.#judge(evidence, now, around);
  }

  /**
   * Another origin has answered a request that failed here, so the failure becomes sure. Beside other clients that does not hold for the client
   * that met most failures: a client may bring about that a request fails once and is answered the next time (a limit that each server keeps for
   * each client, a page that fetches what the client names).
   */
  confirmed(
    { origin, client, bound }: OutcomeRun,
    now: Millis,
    around: Surroundings,
  ): Accusation | undefined {
    const evidence = this.#byOrigin.get(origin);
    // A session's data may be what fails, and be nowhere else.
    if (evidence === undefined || (bound === true && around.isProbedGood(origin))) return undefined;
    const isItsOwn = client !== undefined && evidence.window.seen(now).failures.areMostly(client);
    if (isItsOwn && !this.#isOneClient(evidence.pool, now)) return undefined;
    evidence.row.confirm(client);
    evidence.window.confirm(client, now);
    return this.#judge(evidence, now, around);
  }

  /** Whether failures in the row so far are due to more than one client, or to none. */
  isBorneOut(origin: OriginName): boolean {
    return (this.#byOrigin.get(origin)?.row.weight ?? 0) > 0;
  }

  /** The origin is out, or back: what was seen of it before says nothing any more. */
  forget(origin: OriginName): void {
    const evidence = this.#byOrigin.get(origin);
    if (evidence === undefined) return;
    evidence.window.forget();
    evidence.row = new Failures();
    evidence.slowAtMs = 0;
  }

  #judge(evidence: OriginEvidence, now: Millis, around: Surroundings): Accusation | undefined {
    const of = this.#caseOf(evidence, now, around);
    if (of === undefined) return undefined;
    for (const judge of judges) {
      const accusation = judge.judge(of);
      if (accusation !== undefined) return accusation;
    }
    return undefined;
  }

  #isOneClient({ origins }: Pool, now: Millis): boolean {
    return areOneClients(origins.flatMap(({ name }) => this.#byOrigin.get(name)?.window.seen(now) ?? []));
  }

  #caseOf(
    { pool, origin, window, row }: OriginEvidence,
    now: Millis,
    around: Surroundings,
  ): Case | undefined {
    const { passive: rules, policy } = this.#upstream;
    if (rules === undefined) return undefined;
    const seen = window.seen(now);
    // Most failures are few, or one client's alone, and to look at all peers is the dear part.
    const isGood = around.isProbedGood(origin.name);
    const most = Math.max(mostWeight(row, isGood), mostWeight(seen.failures, isGood));
    if (rules.slow !== true && most < rules.failures) return undefined;
    const others = pool.origins.flatMap(({ name }) =>
      name === origin.name ? [] : (this.#byOrigin.get(name) ?? []),
    );
    const seenOf = new Map(others.map((other) => [other.origin.name, peerOf(other, now)]));
    return {
      rules,
      row,
      seen,
      weight: origin.weight,
      peers: [...seenOf].flatMap(([name, peer]) => (around.serves(name) ? [peer] : [])),
      isProbedGood: isGood,
      isOneClient: areOneClients([seen, ...seenOf.values()]),
      isUneven: policy.name === "first" || (policy.name === "hash" && policy.key.from !== "address"),
    };
  }
}

function peerOf({ window, origin }: OriginEvidence, now: Millis): Peer {
  return { ...window.seen(now), weight: origin.weight };
}

function failedOf({ certain, lost, bound, client }: OutcomeRun): NotedFailure {
  return {
    isSure: certain === true || client === undefined,
    isLost: lost === true,
    isBound: bound === true,
    client,
  };
}

/** Whether all that was seen was seen by one client. */
function areOneClients(all: readonly SeenLately[]): boolean {
  let whose: Whose = "none";
  for (const { whose: good, failures } of all) {
    whose = together(whose, together(good, whoseAre(failures)));
  }
  return typeof whose === "number";
}

/** So many of the failures may count. */
function mostWeight({ weight, unboundWeight }: Failures, isProbedGood: boolean): number {
  return isProbedGood ? weight : Math.max(weight, unboundWeight);
}
