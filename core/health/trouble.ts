/**
 * Why an origin is not well: since when, by what evidence, and what would change it. Verdicts outlive a restart, but what
 * was seen before one may be long over: evidence is kept in memory only, and what was not seen by this object is said to
 * be missing.
 */
import type { Millis, OriginName } from "../model/upstream.ts";
import type { Trouble } from "../protocol/origin-view.ts";
import type { ProbeResult } from "../protocol/probe-round.ts";
import { isEjected, isSuspect } from "./ejection.ts";
import type { HealthTransition, OriginHealth } from "./transition.ts";

interface Seen {
  readonly evidence: string;
  readonly atMs: Millis;
}

interface SeenProbe extends Seen {
  readonly good: boolean;
  readonly hint?: string;
}

/** What was seen of each origin of an upstream since the object's memory began. */
export class EvidenceBook {
  readonly #probes = new Map<OriginName, SeenProbe>();
  /** What traffic last made of the origin: ejected, or suspect. */
  readonly #traffic = new Map<OriginName, Seen>();

  probed({ origin, good, evidence, hint }: ProbeResult, now: Millis): void {
    this.#probes.set(origin, { good, evidence: `probe: ${evidence}`, atMs: now, ...(hint && { hint }) });
  }

  judgedByTraffic({ origin, evidence }: HealthTransition, now: Millis): void {
    this.#traffic.set(origin, { evidence, atMs: now });
  }

  /** Another config: what was asked by the old one says nothing of the new one. */
  forget(): void {
    this.#probes.clear();
    this.#traffic.clear();
  }

  /** Why the origin is not well; `null`: it is, or nothing speaks against it. */
  troubleOf(origin: OriginName, { verdict, traffic }: OriginHealth, now: Millis): Trouble | null {
    const probe = this.#probes.get(origin);
    if (verdict.state === "unhealthy") return byProbes("unhealthy", verdict.sinceMs, probe);
    if (isEjected(traffic, now)) return byTraffic("ejected", this.#traffic.get(origin));
    if (isSuspect(traffic, now)) return byTraffic("suspect", this.#traffic.get(origin));
    const isDoubted = verdict.state === "unknown" && probe?.good === false;
    return isDoubted ? byProbes("unknown", verdict.sinceMs, probe) : null;
  }
}

function byProbes(is: Trouble["is"], sinceMs: Millis, probe: SeenProbe | undefined): Trouble {
  if (probe === undefined) {
    const evidence = "not probed yet since Weir restarted or its config changed; it was unhealthy before";
    return { is, sinceMs, evidence, seenMs: null, hint: null };
  }
  const hint = probe.good
    ? "Its probes are good again: it serves after health.rise good ones in a row."
    : probe.hint;
  return { is, sinceMs, evidence: probe.evidence, seenMs: probe.atMs, hint: hint ?? null };
}

function byTraffic(is: Trouble["is"], seen: Seen | undefined): Trouble {
  const { atMs = null, evidence = "requests to it failed, before Weir restarted or its config changed" } =
    seen ?? {};
  return { is, sinceMs: atMs, evidence, seenMs: atMs, hint: null };
}
