/**
 * Origins that register themselves: which origins are members of which pool, since when each is silent, and how it leaves.
 * A member says that it is alive by registering again (Consul's TTL checks, Eureka's leases). One that misses three of these
 * heartbeats, or says goodbye, is drained first and removed when nothing is open on it any more.
 *
 * Joining and leaving is persisted, heartbeats are not. So after a loss of memory the object does not know which members are alive: each
 * then has all of its time once more, counted from the object's first look. That look is noted; otherwise an object that wakes up for a
 * moment every minute would never see a member go.
 */
import type { Millis, OriginName, PoolName } from "../model/upstream.ts";
import type {
  Enrolled,
  Member,
  Leaving,
  Roster,
  Gone,
  Registration,
  Refusal,
  RegistrationResult,
  MemberView,
} from "../protocol/members.ts";
import type { MemberEvent, Notice } from "../telemetry/events.ts";

/** What a pool accepts. */
export interface MemberPool {
  readonly name: PoolName;
  /** From one heartbeat to the next. */
  readonly everyMs: Millis;
  /** The most members, those that are leaving included. */
  readonly max: number;
  readonly allows: (url: string) => boolean;
}

export interface MemberRules {
  readonly pools: readonly MemberPool[];
  /** Those of the configuration: their names and URLs are taken. */
  readonly listed: readonly Pick<Enrolled, "name" | "url">[];
}

/** What has become of a member. */
type MemberNotice = Notice<MemberEvent>;

/** So many heartbeats in a row may be missed, the last of them not. */
const missed = 3;

/** What is still open on a member after this time does not keep it any longer (AWS's deregistration delay). */
const drainMs: Millis = 300_000;

/** Members that leave are looked at so often. */
const lookEveryMs: Millis = 1_000;

/** A message is believed for a minute; the farewell must be remembered for longer. */
const rememberMs: Millis = 180_000;

export class Members {
  #rules: MemberRules;
  #version: number;
  readonly #members = new Map<OriginName, Member>();
  /** In this life of the object: when, and what the member's clock was. */
  readonly #heard = new Map<OriginName, { readonly atMs: Millis; readonly saidMs: Millis }>();
  #gone: readonly Gone[];
  #lookAtMs: Millis = -Infinity;
  #isSaved = true;
  #revision = 0;
  #events: MemberNotice[] = [];

  constructor(rules: MemberRules, saved: Roster | undefined, now: Millis) {
    this.#rules = rules;
    this.#version = saved?.version ?? 0;
    this.#gone = saved?.gone ?? [];
    for (const member of saved?.members ?? []) this.#members.set(member.name, member);
    this.reconfigure(rules, now);
  }

  /** Other rules. Members that these would refuse are removed at once. */
  reconfigure(rules: MemberRules, now: Millis): void {
    this.#rules = rules;
    for (const { name, pool, url } of this.#members.values()) {
      const isListed = rules.listed.some((origin) => origin.name === name || origin.url === url);
      if (isListed || this.#poolOf(pool)?.allows(url) !== true) this.#remove(name, "config", now);
    }
    this.#lookAtMs = -Infinity;
  }

  /** That of the roster. */
  get version(): number {
    return this.#version;
  }

  /** Grows, in this life of the object, also when a member begins to leave. */
  get revision(): number {
    return this.#revision;
  }

  get roster(): Roster {
    return { version: this.#version, members: [...this.#members.values()], gone: this.#gone };
  }

  /** The roster, if it is to be persisted since the last call. */
  takeRoster(): Roster | undefined {
    if (this.#isSaved) return undefined;
    this.#isSaved = true;
    return this.roster;
  }

  /**
   * Takes in a message of an origin's. What is refused changes nothing.
   * @param isInService whether the operator lets the origin of this name serve.
   */
  recordRegistration(
    said: Registration,
    now: Millis,
    isInService: (origin: OriginName) => boolean,
  ): RegistrationResult {
    const member = this.#members.get(said.name);
    if (said.leaving) return this.#farewell(said, member, now);
    const pool = this.#poolOf(said.pool);
    const why = this.#refusal(said, member, pool, isInService);
    if (why !== undefined) return { kind: "refused", why };
    if (member === undefined) {
      const { name, url, saidMs } = said;
      this.#set({ pool: said.pool, name, url, joinedMs: now, saidMs });
      this.#version += 1;
      this.#revision += 1;
      this.#events.push({ origin: name, pool: said.pool, to: "joined" });
    } else if (member.quietSinceMs !== undefined) {
      const { quietSinceMs: _, ...heard } = member;
      this.#set({ ...heard, saidMs: said.saidMs });
    }
    this.#heard.set(said.name, { atMs: now, saidMs: said.saidMs });
    return { kind: member === undefined ? "joined" : "renewed" };
  }

  #refusal(
    { pool, name, url, saidMs }: Registration,
    member: Member | undefined,
    rules: MemberPool | undefined,
    isInService: (origin: OriginName) => boolean,
  ): Refusal | undefined {
    if (rules === undefined) return "unknown-pool";
    if (!rules.allows(url)) return "url-refused";
    if (this.#rules.listed.some((origin) => origin.name === name)) return "name-taken";
    if (member !== undefined && (member.pool !== pool || member.url !== url)) return "name-taken";
    if (!isInService(name)) return "out-of-service";
    if (member?.leaving !== undefined) return "draining";
    if (saidMs < this.#lastSaidMs(name, member)) return "out-of-order";
    if (member !== undefined) return undefined;
    const others = [...this.#members.values()];
    if ([...others, ...this.#rules.listed].some((other) => other.url === url)) return "url-taken";
    return others.filter((other) => other.pool === pool).length < rules.max ? undefined : "pool-full";
  }

  #farewell(
    { pool, name, saidMs }: Registration,
    member: Member | undefined,
    now: Millis,
  ): RegistrationResult {
    if (member === undefined || member.pool !== pool) return { kind: "gone" };
    if (saidMs < this.#lastSaidMs(name, member)) return { kind: "refused", why: "out-of-order" };
    if (member.leaving === undefined) this.#leave({ ...member, saidMs }, "goodbye", now);
    return { kind: "draining" };
  }

  /** What comes with an older time is an old message. One that has gone must say something newer. */
  #lastSaidMs(name: OriginName, member: Member | undefined): Millis {
    if (member !== undefined) return Math.max(member.saidMs, this.#heard.get(name)?.saidMs ?? 0);
    const gone = this.#gone.find((each) => each.name === name);
    return gone === undefined ? 0 : gone.saidMs + 1;
  }

  /**
   * Notices members that are silent for too long or have left for good. Returns all that has happened since the last look.
   * @param isFree whether nothing is open on the origin that leaves, nor will be: `Drains.letGo`.
   */
  look(now: Millis, isFree: (origin: OriginName) => boolean): MemberNotice[] {
    // Also when the clock was set back.
    if (now >= this.#lookAtMs || this.#lookAtMs - now > lookEveryMs) {
      for (const member of this.#members.values()) this.#lookAt(member, now, isFree);
      this.#lookAtMs = now + lookEveryMs;
    }
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #lookAt(member: Member, now: Millis, isFree: (origin: OriginName) => boolean): void {
    const { name, leaving } = member;
    if (leaving === undefined) {
      if (this.#isSilent(member, now)) this.#leave(member, "silent", now);
    } else if (now !== leaving.sinceMs && (isFree(name) || Math.abs(now - leaving.sinceMs) >= drainMs)) {
      this.#remove(name, leaving.why, now);
    }
  }

  #isSilent(member: Member, now: Millis): boolean {
    const sinceMs = this.#heard.get(member.name)?.atMs ?? member.quietSinceMs;
    // What is in the future, since the clock was set back, says no more than nothing at all.
    if (sinceMs === undefined || sinceMs > now) {
      this.#heard.delete(member.name);
      this.#set({ ...member, saidMs: this.#lastSaidMs(member.name, member), quietSinceMs: now });
      return false;
    }
    return now - sinceMs >= missed * (this.#poolOf(member.pool)?.everyMs ?? 0);
  }

  /** `undefined`: it is no member. */
  viewOf(name: OriginName, now: Millis): MemberView | undefined {
    const member = this.#members.get(name);
    if (member === undefined) return undefined;
    const heardMs = this.#heard.get(name)?.atMs ?? member.quietSinceMs ?? now;
    return {
      url: member.url,
      heartbeatAgeMs: Math.max(0, now - heardMs),
      leaving: member.leaving?.why ?? null,
    };
  }

  #poolOf(name: PoolName): MemberPool | undefined {
    return this.#rules.pools.find((pool) => pool.name === name);
  }

  #leave(member: Member, why: Leaving, now: Millis): void {
    this.#set({ ...member, leaving: { sinceMs: now, why } });
    this.#revision += 1;
    this.#events.push({ origin: member.name, pool: member.pool, to: "draining", why });
    this.#lookAtMs = -Infinity;
  }

  #set(member: Member): void {
    this.#members.set(member.name, member);
    this.#isSaved = false;
  }

  #remove(name: OriginName, why: Leaving | "config", now: Millis): void {
    const member = this.#members.get(name);
    if (member === undefined) return;
    const saidMs = this.#lastSaidMs(name, member);
    this.#events.push({ origin: name, pool: member.pool, to: "gone", why });
    this.#members.delete(name);
    this.#heard.delete(name);
    const others = this.#gone.filter((gone) => gone.name !== name && now - gone.atMs < rememberMs);
    this.#gone = [...others, { name, saidMs, atMs: now }];
    this.#version += 1;
    this.#revision += 1;
    this.#isSaved = false;
  }
}
