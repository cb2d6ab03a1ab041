/**
 * The shared state of one upstream, for the whole fleet: load → `core/` → save. There are no rules here. The same class is
 * the upstream's object in a region, where it has those: it is named `UPSTREAM@REGION`, and is lent what it gives away.
 * Writes are confirmed before a reply leaves (the platform's output gate), so what a holder is told outlives
 * this object's memory.
 */
import { DurableObject } from "cloudflare:workers";

import { Coordinator } from "../core/coordinator/coordinator.ts";
import { ObjectTasks, type ObjectTask } from "../core/coordinator/object-tasks.ts";
import type { Effects } from "../core/coordinator/outbox.ts";
import { rows } from "../core/coordinator/rows.ts";
import { applyRows, openState } from "../core/coordinator/saved-state.ts";
import type { OperatorOrder } from "../core/model/operator.ts";
import type { AskName } from "../core/protocol/pick.ts";
import type { ConfigSection, ConfigVersion } from "../core/protocol/config-section.ts";
import type { ExchangeMessage } from "../core/protocol/exchange.ts";
import type { Registration, Registered } from "../core/protocol/members.ts";
import { placedAt, type ObjectOptions } from "../core/protocol/object-namespace.ts";
import type { ProbeResult, UrgentProbes } from "../core/protocol/probe-round.ts";
import type {
  UpstreamObject,
  ExchangeResult,
  Addressed,
  WaitResult,
} from "../core/protocol/upstream-object.ts";
import type { UpstreamReport } from "../core/protocol/upstream-view.ts";
import type { Need } from "../core/region/region-link.ts";
import type { UpstreamConfig } from "../worker/config/sections/upstream.ts";
import type { Env } from "../worker/env.ts";
import { logEvent } from "../worker/telemetry/log-event.ts";
import { ConfigHolder } from "./shell/config-holder.ts";
import { DrainWatch } from "./shell/drain-watch.ts";
import { HeldCalls } from "./shell/held-calls.ts";
import { Membership } from "./shell/membership.ts";
import { ProberClient } from "./shell/prober-client.ts";
import { RootClient } from "./shell/root-client.ts";
import { StoredRows } from "./shell/row-store.ts";
import { ScaleHook } from "./shell/scale-hook.ts";
import { carryOut, type StepRunner } from "./shell/tasks.ts";
import { TendTimer } from "./shell/tend-timer.ts";

/** Waiting requests are checked at least this often: silent holders' slots come back by time alone. */
const tendEveryMs = 1_000;

const sectionNeeded = JSON.stringify({ kind: "section-needed" } satisfies ExchangeResult);

const chance = { next: (): number => Math.random() };

export class WeirUpstream extends DurableObject<Env> implements UpstreamObject {
  readonly #store: StoredRows;
  readonly #prober: ProberClient;
  readonly #root: RootClient;
  /** Where it stands; `undefined`: it is the upstream's own. */
  readonly #region: string | undefined;
  readonly #config: ConfigHolder;
  #coordinator: Coordinator | undefined;
  /** Made with the coordinator. */
  #tasks!: ObjectTasks;
  readonly #steps: StepRunner = {
    join: () => this.#root.underWay,
    exchange: (need) => this.#tellRoot(need),
    rest: () => this.#rest(),
  };
  readonly #tending = new TendTimer(() => {
    if (this.#coordinator !== undefined) this.#tend(this.#coordinator);
  });
  readonly #drains = new DrainWatch((effects) => this.#save(effects));
  readonly #held = new HeldCalls();
  /** Where the upstream's own object and its prober are. */
  #place: ObjectOptions = {};
  #exchanges = 0;
  readonly #scaleHook: ScaleHook;
  readonly #membership: Membership;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new StoredRows(ctx.storage);
    this.#prober = new ProberClient(env.PROBER, (work) => ctx.waitUntil(work));
    this.#root = new RootClient(env.UPSTREAM_STATE);
    this.#scaleHook = new ScaleHook(this.#store, (work) => ctx.waitUntil(work));
    this.#membership = new Membership(this.#store, this.#prober, (config) => this.#use(config, Date.now()));
    this.#region = ctx.id.name?.split("@")[1];
    this.#config = new ConfigHolder(this.#store, env, (section) => this.#prober.use(section));
    const config = this.#config.wakeUp();
    if (config !== undefined) this.#run(config);
  }

  exchange(json: string, section?: ConfigSection): string | Promise<string> {
    this.#exchanges += 1;
    const message: Addressed<ExchangeMessage> = JSON.parse(json);
    const coordinator = this.#configured(message.config, section);
    if (coordinator === undefined) return sectionNeeded;
    const now = Date.now();
    this.#membership.look(coordinator);
    if (coordinator.regionLink === undefined) this.#prober.watch(now);
    const first = this.#tasks.beforeAnswer((at) => coordinator.isShort(message, at), now);
    return first === undefined
      ? this.#answer(coordinator, message, now)
      : this.#answerAfter(first, coordinator, message);
  }

  async #answerAfter(
    first: ObjectTask<boolean>,
    coordinator: Coordinator,
    message: Addressed<ExchangeMessage>,
  ): Promise<string> {
    if (!(await carryOut(first, this.#steps))) throw new Error("the region has no word from its root");
    return this.#answer(coordinator, message, Date.now());
  }

  #answer(coordinator: Coordinator, message: Addressed<ExchangeMessage>, now: number): string {
    const answered = coordinator.exchange(message, now, chance);
    this.#saveServed(coordinator, answered, now);
    // Not `waitUntil`: they are the object's, and not of this request, which would not be over before they are.
    for (const task of this.#tasks.afterAnswer(now)) void carryOut(task, this.#steps);
    const news = this.#membership.newsFor(message.roster);
    const result: ExchangeResult = { kind: "reply", reply: answered.reply, ...news };
    return JSON.stringify(result);
  }

  async wait(json: string): Promise<string> {
    const ask: Addressed<AskName> = JSON.parse(json);
    const state = this.#coordinator?.askState(ask, Date.now());
    const pick = state === "waiting" ? await this.#held.hold(ask) : state;
    const news = this.#membership.newsFor(ask.roster);
    return JSON.stringify({ ...(pick && { pick }), ...news } satisfies WaitResult);
  }

  /** Serves the asks that wait: slots may have become free without a message, and times may be over. */
  #tend(coordinator: Coordinator): void {
    this.#saveServed(coordinator, coordinator.tend(Date.now(), chance));
  }

  #saveServed(coordinator: Coordinator, effects: Effects, now = Date.now()): void {
    this.#save(effects);
    const atMs = Math.max(now, coordinator.tendAtMs);
    if (atMs < Infinity) this.#tending.set(Math.min(now + tendEveryMs, atMs), now);
  }

  #rest(): void {
    if (this.#coordinator === undefined) return;
    this.#save(this.#coordinator.rest(Date.now()));
    this.#membership.look(this.#coordinator);
  }

  #tellRoot(need: Need | undefined): Promise<void> {
    const regionLink = this.#coordinator?.regionLink;
    const { section } = this.#config;
    if (section === undefined || regionLink === undefined) throw new TypeError("only a region has a root");
    const root = { section, place: this.#place };
    const exchange = this.#root.exchange(regionLink, this.#tasks, root, need);
    this.ctx.waitUntil(exchange);
    return exchange;
  }

  probed(section: ConfigSection, results: readonly ProbeResult[]): UrgentProbes | undefined {
    const coordinator = this.#configured(section.version, section);
    if (coordinator === undefined) return undefined;
    this.#membership.look(coordinator);
    this.#save(coordinator.probed(results, Date.now()));
    this.#tend(coordinator);
    return coordinator.records.urgentProbes(Date.now());
  }

  operate(section: ConfigSection, origin: string, order: OperatorOrder): boolean {
    const coordinator = this.#configured(section.version, section);
    const effects = coordinator?.drains.operate(origin, order, Date.now());
    if (coordinator === undefined || effects === undefined) return false;
    this.#save(effects);
    this.#tend(coordinator);
    this.#drains.look(coordinator);
    return true;
  }

  async heed(section: ConfigSection): Promise<void> {
    const coordinator = this.#configured(section.version, section);
    if (coordinator?.regionLink !== undefined) await carryOut(this.#tasks.heed(Date.now()), this.#steps);
  }

  register(section: ConfigSection, said: Registration): Registered | undefined {
    const coordinator = this.#configured(section.version, section);
    return coordinator && this.#membership.register(said, coordinator);
  }

  view(section: ConfigSection): UpstreamReport | undefined {
    const coordinator = this.#configured(section.version, section);
    this.#prober.watch(Date.now());
    if (coordinator === undefined) return undefined;
    this.#membership.look(coordinator);
    const view = coordinator.view(Date.now(), this.#membership.viewOf);
    return { ...view, exchanges: this.#exchanges, ...this.#store.usage };
  }

  /** The coordinator, once it has this configuration or a newer one; `undefined` if the section is needed. */
  #configured(version: ConfigVersion, section: ConfigSection | undefined): Coordinator | undefined {
    const news = this.#config.recordVersion(version, section, this.#coordinator !== undefined);
    if (news === "section-needed") return undefined;
    if (news !== "as-before") this.#run(news);
    return this.#coordinator;
  }

  #run(written: UpstreamConfig): void {
    const now = Date.now();
    this.#place = placedAt(written.location);
    this.#prober.place(this.#place);
    this.#scaleHook.use(written);
    this.#use(this.#membership.use(written, now), now);
  }

  #use(config: UpstreamConfig, now: number): void {
    if (this.#coordinator === undefined) {
      const saved = openState(this.#store, { now, launch: this.env.WEIR_LAUNCH });
      this.#coordinator = new Coordinator(config, saved, now, { region: this.#region });
      this.#tasks = new ObjectTasks(this.#coordinator);
      this.#drains.look(this.#coordinator);
    } else {
      this.#coordinator.reconfigure(config, now);
      this.#tend(this.#coordinator);
    }
  }

  #save({ rows: changes, events, waited, isUrgent }: Effects): void {
    applyRows(this.#store, changes);
    for (const event of events) logEvent(event);
    for (const end of waited) this.#held.end(end);
    if (changes.has(rows.order.key)) this.#scaleHook.resume();
    if (isUrgent) this.#prober.hurry(this.#coordinator?.records.urgentProbes(Date.now()));
  }
}
