/**
 * Probes the origins of one upstream, apart from the object that decides, so that a slow origin does not slow
 * a pick. Its own alarm is its clock; the cron trigger is the watchdog that re-arms it. The number of probes
 * does not grow with the number of isolates. What it keeps: `proberRows` in core/coordinator/rows.ts.
 */
import { DurableObject } from "cloudflare:workers";

import { proberRows } from "../core/coordinator/rows.ts";
import { isAbandoned, nextRoundMs } from "../core/probes/schedule.ts";
import { type ConfigSection, compareVersions } from "../core/protocol/config-section.ts";
import type { Roster } from "../core/protocol/members.ts";
import { placedAt, type Remote } from "../core/protocol/object-namespace.ts";
import type { Round, UrgentProbes } from "../core/protocol/probe-round.ts";
import type { ProberObject } from "../core/protocol/prober-object.ts";
import type { UpstreamObject } from "../core/protocol/upstream-object.ts";
import type { UpstreamConfig } from "../worker/config/sections/upstream.ts";
import { withMembers } from "../worker/config/with-members.ts";
import type { Env } from "../worker/env.ts";
import { logEvent } from "../worker/telemetry/log-event.ts";
import { probeOrigins } from "../worker/transport/probe.ts";
import { StoredRows } from "./shell/row-store.ts";
import { SectionReader } from "./shell/section-reader.ts";

/** However many origins join one after the other: the others must not be judged by ten probes within a second. */
const leastPauseMs = 1_000;

const chance = { next: (): number => Math.random() };

export class WeirProber extends DurableObject<Env> implements ProberObject {
  readonly #store = new StoredRows(this.ctx.storage);
  readonly #reader = new SectionReader(this.env);
  /** Origins that are probed besides the regular rounds. Not kept: the upstream's object says so again after each round. */
  #urgent: UrgentProbes | undefined;
  /** When the next regular round is due; in the past, if nothing is known. */
  #regularAtMs = 0;

  async watch(section: ConfigSection, roster?: Roster): Promise<Round | undefined> {
    const known = this.#store.get(proberRows.section);
    const isJoined = this.#enroll(roster);
    const isNew = compareVersions(section.version, known?.version) === "newer";
    if (isNew) this.#store.put(proberRows.section, section);
    this.#store.put(proberRows.watchedMs, Date.now());
    this.#store.put(proberRows.launch, this.env.WEIR_LAUNCH ?? "");
    const config = this.#read(isNew || known === undefined ? section : known);
    if (config?.health === undefined) {
      await this.ctx.storage.deleteAlarm();
      return undefined;
    }
    const armedMs = await this.ctx.storage.getAlarm();
    const lastRound = this.#store.get(proberRows.lastRound);
    if (isNew || armedMs === null) {
      this.#regularAtMs = 0;
      await this.ctx.storage.setAlarm(Date.now());
    } else if (isJoined) {
      const soonMs = Math.max(Date.now(), (lastRound?.endedMs ?? 0) + leastPauseMs);
      this.#regularAtMs = Math.min(this.#regularAtMs, soonMs);
      await this.ctx.storage.setAlarm(Math.min(armedMs, soonMs));
    }
    return lastRound;
  }

  /** Takes over the roster; whether it is another one. */
  #enroll(roster: Roster | undefined): boolean {
    if (roster === undefined || roster.version === this.#roster()?.version) return false;
    this.#store.put(proberRows.roster, roster);
    return true;
  }

  #roster(): Roster | undefined {
    return this.#store.get(proberRows.roster);
  }

  async hurry(urgent: UrgentProbes): Promise<void> {
    const section = this.#store.get(proberRows.section);
    const health = section === undefined ? undefined : this.#read(section)?.health;
    if (health === undefined) return;
    this.#urgent = urgent;
    await this.ctx.storage.setAlarm(Date.now());
  }

  /** One round. Whatever happens in it, the next one is armed: an alarm that fails too often is dropped for good. */
  override async alarm(): Promise<void> {
    const section = this.#store.get(proberRows.section);
    const config = section === undefined ? undefined : this.#read(section);
    if (section === undefined || config?.health === undefined) return;
    // Another run, of another config perhaps, asked for it; if this one wants it, it will ask, too.
    if (this.#store.get(proberRows.launch) !== (this.env.WEIR_LAUNCH ?? "")) return;
    if (isAbandoned(this.#store.get(proberRows.watchedMs) ?? 0, Date.now())) {
      return logEvent({ event: "probes-ended", upstream: section.name });
    }
    const startedMs = Date.now();
    const only = startedMs < this.#regularAtMs ? this.#urgent?.origins : undefined;
    if (only === undefined) this.#regularAtMs = nextRoundMs(config.health, startedMs, chance);
    try {
      const results = await probeOrigins(config, config.health, { only, target: section.target }, this.env);
      if (only === undefined) this.#store.put(proberRows.lastRound, { endedMs: Date.now(), results });
      this.#urgent = await this.#upstream(config).probed(section, results);
    } catch (error) {
      logEvent({ event: "probe-round-failed", upstream: section.name, detail: String(error) });
    } finally {
      const urgentAtMs = this.#urgent === undefined ? Infinity : startedMs + this.#urgent.everyMs;
      await this.ctx.storage.setAlarm(Math.max(Math.min(this.#regularAtMs, urgentAtMs), Date.now()));
    }
  }

  #upstream(config: UpstreamConfig): Remote<UpstreamObject> {
    const { name, location } = config;
    return this.env.UPSTREAM_STATE.getByName(name, placedAt(location));
  }

  #read(section: ConfigSection): UpstreamConfig | undefined {
    const parsed = this.#reader.read(section);
    return parsed.ok ? withMembers(parsed.upstream, this.#roster()?.members ?? []) : undefined;
  }
}
