/**
 * The origins of an upstream that have registered themselves, as its object keeps them. The rules are `core/membership`'s. The
 * roster is persisted whenever an origin comes or goes; the prober learns of it at once, and an isolate with the answer to its
 * next message.
 */
import type { Coordinator } from "../../core/coordinator/coordinator.ts";
import { rows } from "../../core/coordinator/rows.ts";
import type { RowStore } from "../../core/coordinator/saved-state.ts";
import { Members, type MemberRules } from "../../core/membership/members.ts";
import type { OriginName } from "../../core/model/upstream.ts";
import type {
  RegistrationResult,
  MemberView,
  Registration,
  Roster,
  WithRoster,
  Registered,
} from "../../core/protocol/members.ts";
import type { UpstreamConfig } from "../../worker/config/sections/upstream.ts";
import { memberRules, withMembers } from "../../worker/config/with-members.ts";
import { logEvent } from "../../worker/telemetry/log-event.ts";
import type { ProberClient } from "./prober-client.ts";

type Judge = Pick<Coordinator, "records" | "statusOf" | "drains">;

export class Membership {
  readonly #store: RowStore;
  readonly #prober: ProberClient;
  readonly #changed: (config: UpstreamConfig) => void;
  #config: UpstreamConfig | undefined;
  #members: Members | undefined;
  /** As persisted. */
  #names: ReadonlySet<OriginName> = new Set();
  /** The one that the config was last made of. */
  #revision = 0;

  /** `changed` is told the config with its members, when these are others than before. */
  constructor(store: RowStore, prober: ProberClient, changed: (config: UpstreamConfig) => void) {
    this.#store = store;
    this.#prober = prober;
    this.#changed = changed;
  }

  /** The config to go by, with the members that it takes in. Most have no such pool: then nothing is read. */
  use(config: UpstreamConfig, now: number): UpstreamConfig {
    this.#config = config;
    const rules = memberRules(config);
    if (this.#members !== undefined) this.#members.reconfigure(rules, now);
    else if (rules.pools.length > 0) this.#members = this.#open(rules, now);
    this.#save();
    return this.#effective(config, now);
  }

  #open(rules: MemberRules, now: number): Members {
    const saved = this.#store.get(rows.roster);
    this.#names = namesIn(saved);
    return new Members(rules, saved, now);
  }

  #effective(config: UpstreamConfig, now: number): UpstreamConfig {
    if (this.#members === undefined) return config;
    this.#revision = this.#members.revision;
    const { roster } = this.#members;
    this.#prober.enroll(roster, now);
    return withMembers(config, roster.members);
  }

  /** A message of an origin's that registers itself; its signature was good. */
  register(said: Registration, judge: Judge): Registered {
    const isInService = (name: OriginName): boolean => judge.records.overrideOf(name).state === "up";
    const refused: RegistrationResult = { kind: "refused", why: "unknown-pool" };
    const heard = this.#members?.recordRegistration(said, Date.now(), isInService) ?? refused;
    this.look(judge);
    this.#prober.watch(Date.now());
    return { ...heard, inFlight: judge.statusOf(said.name).inFlight };
  }

  /** Notices members that have fallen silent, left, or come. Cheap to call often. */
  look({ drains }: Pick<Judge, "drains">): void {
    if (this.#members === undefined || this.#config === undefined) return;
    const now = Date.now();
    for (const event of this.#members.look(now, (origin) => drains.letGo(origin, now))) {
      logEvent({ event: "member", upstream: this.#config.name, ...event });
    }
    this.#save();
    if (this.#members.revision !== this.#revision) this.#changed(this.#effective(this.#config, now));
  }

  #save(): void {
    const roster = this.#members?.takeRoster();
    if (roster === undefined) return;
    this.#store.put(rows.roster, roster);
    const names = namesIn(roster);
    // An origin that has left for good. What an operator has ordered of it stays, should it come again.
    for (const name of this.#names) if (!names.has(name)) this.#store.delete(rows.health.of(name));
    this.#names = names;
  }

  /** What a holder that knows this version does not know yet. */
  newsFor(version = 0): WithRoster {
    if (this.#members === undefined || this.#members.version === version) return {};
    const members = this.#members.roster.members.map(({ pool, name, url }) => ({ pool, name, url }));
    return { roster: { version: this.#members.version, members } };
  }

  readonly viewOf = (origin: OriginName): MemberView | undefined => this.#members?.viewOf(origin, Date.now());
}

function namesIn(roster: Roster | undefined): ReadonlySet<OriginName> {
  return new Set(roster?.members.map(({ name }) => name));
}
