/**
 * A region's client of the upstream's own object: it carries the messages of an exchange. When there is one, and what for, say
 * `core/coordinator/object-tasks.ts`. Unlike isolates, what runs in an object may wait for each other's promises.
 */
import type { ObjectTasks } from "../../core/coordinator/object-tasks.ts";
import type { SentMessage } from "../../core/holder/exchange-session.ts";
import type { Millis } from "../../core/model/upstream.ts";
import type { ConfigSection } from "../../core/protocol/config-section.ts";
import type { ExchangeReply } from "../../core/protocol/exchange.ts";
import type { ObjectNamespace, ObjectOptions } from "../../core/protocol/object-namespace.ts";
import type { UpstreamObject } from "../../core/protocol/upstream-object.ts";
import type { RegionLink, Need } from "../../core/region/region-link.ts";
import { logEvent } from "../../worker/telemetry/log-event.ts";
import { answered, exchange, onlyOnce } from "../../worker/transport/object-exchange.ts";

/** The root that a region writes to: its configuration, and where it is. */
export interface RootAddress {
  readonly section: ConfigSection;
  readonly place: ObjectOptions;
}

export class RootClient {
  readonly #roots: ObjectNamespace<UpstreamObject>;
  #underWay: Promise<void> | undefined;

  constructor(roots: ObjectNamespace<UpstreamObject>) {
    this.#roots = roots;
  }

  /** The end of the latest exchange. Never rejects. */
  get underWay(): Promise<void> | undefined {
    return this.#underWay;
  }

  /** An exchange with the root, from its beginning to its end. Never rejects. */
  exchange(
    regionLink: RegionLink,
    tasks: ObjectTasks,
    root: RootAddress,
    need: Need | undefined,
  ): Promise<void> {
    this.#underWay = this.#send(regionLink, tasks, root, need);
    return this.#underWay;
  }

  async #send(
    regionLink: RegionLink,
    tasks: ObjectTasks,
    root: RootAddress,
    need: Need | undefined,
  ): Promise<void> {
    const sent = regionLink.write(root.section.version, Date.now(), need);
    try {
      const reply = await this.#carry(sent, root, regionLink.exchangeMs);
      if (tasks.answered(reply, sent, Date.now())) return;
    } catch (error) {
      tasks.recordLoss(sent);
      logEvent({ event: "root-lost", upstream: root.section.name, detail: String(error) });
      return;
    }
    await this.#send(regionLink, tasks, root, need);
  }

  async #carry(
    { message, sentMs: now }: SentMessage,
    { section, place }: RootAddress,
    exchangeMs: Millis,
  ): Promise<ExchangeReply> {
    const stub = () => this.#roots.getByName(section.name, { ...place, ...onlyOnce });
    let timer: number | undefined;
    const alarm = { set: (inMs: Millis, due: () => void) => void (timer = setTimeout(due, inMs)) };
    try {
      return (await answered({ alarm, exchangeMs, now }, () => exchange(stub, message, section))).reply;
    } finally {
      clearTimeout(timer ?? null);
    }
  }
}
