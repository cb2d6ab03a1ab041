/**
 * An upstream's client of its prober. It does not wait for answers: a prober that cannot be reached is the watchdog's business
 * (`worker/watchdog.ts`).
 */
import type { ConfigSection } from "../../core/protocol/config-section.ts";
import type { Roster } from "../../core/protocol/members.ts";
import type { ObjectNamespace, ObjectOptions, Remote } from "../../core/protocol/object-namespace.ts";
import type { UrgentProbes } from "../../core/protocol/probe-round.ts";
import type { ProberObject } from "../../core/protocol/prober-object.ts";
import { logEvent } from "../../worker/telemetry/log-event.ts";

/** The prober is told to go on this often while requests come: the watchdog alone would take a minute to start it. */
const watchEveryMs = 60_000;

type Probers = ObjectNamespace<ProberObject>;

export class ProberClient {
  readonly #probers: Probers;
  readonly #waitUntil: (work: Promise<unknown>) => void;
  #section: ConfigSection | undefined;
  #placement: ObjectOptions = {};
  #roster: Roster | undefined;
  #watchedMs = 0;

  constructor(probers: Probers, waitUntil: (work: Promise<unknown>) => void) {
    this.#probers = probers;
    this.#waitUntil = waitUntil;
  }

  /** Where the prober lives. */
  place(placement: ObjectOptions): void {
    this.#placement = placement;
  }

  /** Probes are to be made by this configuration from now on. */
  use(section: ConfigSection): void {
    this.#section = section;
    this.#watchedMs = 0;
  }

  /** These origins have registered themselves, and are to be probed, too. */
  enroll(roster: Roster, now: number): void {
    this.#roster = roster;
    this.#watchedMs = 0;
    this.watch(now);
  }

  /** Sees to it that the prober runs. Cheap to call often: it asks once a minute. */
  watch(now: number): void {
    const section = this.#section;
    if (section === undefined || now - this.#watchedMs < watchEveryMs) return;
    this.#watchedMs = now;
    this.#tell(section, (prober) => prober.watch(section, this.#roster));
  }

  /** Traffic loses connections to these origins: they are to be probed at once. */
  hurry(urgent: UrgentProbes | undefined): void {
    if (this.#section === undefined || urgent === undefined) return;
    this.#tell(this.#section, (prober) => prober.hurry(urgent));
  }

  #tell({ name }: ConfigSection, order: (prober: Remote<ProberObject>) => Promise<unknown>): void {
    const told = order(this.#probers.getByName(name, this.#placement)).catch((error: unknown) => {
      logEvent({ event: "prober-lost", upstream: name, detail: String(error) });
    });
    this.#waitUntil(told);
  }
}
