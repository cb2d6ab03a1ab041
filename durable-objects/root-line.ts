/**
 * A region's line to the upstream's own object. Unlike isolates, what runs in an object may wait for each other's
 * promises: so there is one exchange at a time, and whoever needs one waits for that.
 */
import type { Branch } from "../core/leases/branch.ts";
import type { ExchangeReply } from "../core/leases/exchange.ts";
import type { Letter } from "../core/leases/leaseholder.ts";
import type { Millis } from "../core/upstream.ts";
import type { ConfigSection } from "../worker/config/section.ts";
import { logEvent } from "../worker/transport/log-event.ts";
import { exchange, onlyOnce } from "../worker/transport/object-exchange.ts";
import type { UpstreamState } from "./upstream-state.ts";

/** After a message that was lost, the next one is sent when it is due, and no sooner than this. */
const againAfterMs: Millis = 250;

/** Whom a region writes to: the root's configuration, and where it is. */
export interface RootAddress {
  readonly section: ConfigSection;
  readonly place: DurableObjectNamespaceGetDurableObjectOptions;
}

export class RootLine {
  readonly #roots: DurableObjectNamespace<UpstreamState>;
  #underWay: Promise<boolean> | undefined;
  #dueMs: Millis = 0;

  constructor(roots: DurableObjectNamespace<UpstreamState>) {
    this.#roots = roots;
  }

  /** When the region's lease is to be renewed. */
  dueInMs(now: Millis): Millis {
    return Math.max(0, this.#dueMs - now);
  }

  /** An exchange is under way. */
  get isBusy(): boolean {
    return this.#underWay !== undefined;
  }

  /** Exchanges with the root, or waits for the exchange that is under way; whether it answered. Never rejects. */
  exchange(branch: Branch, root: RootAddress, need?: "quiet" | "short"): Promise<boolean> {
    this.#underWay ??= this.#send(branch, root, need).finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #send(branch: Branch, root: RootAddress, need: "quiet" | "short" | undefined): Promise<boolean> {
    const letter = branch.write(root.section.version, Date.now(), need);
    try {
      const reply = await this.#carry(letter, root, branch.exchangeMs);
      this.#dueMs = letter.sentMs + Math.max(branch.everyMs, againAfterMs);
      branch.hear(reply, letter, Date.now());
      return branch.owesWord ? await this.#send(branch, root, need) : true;
    } catch (error) {
      branch.lost(letter);
      this.#dueMs = letter.sentMs + againAfterMs;
      logEvent({ event: "root-lost", upstream: root.section.name, detail: String(error) });
      return false;
    }
  }

  async #carry(
    { message }: Letter,
    { section, place }: RootAddress,
    deadlineMs: Millis,
  ): Promise<ExchangeReply> {
    const stub = () => this.#roots.getByName(section.name, { ...place, ...onlyOnce });
    let timer: number | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${deadlineMs} ms`)), deadlineMs);
    });
    try {
      return await Promise.race([exchange(stub, message, section), late]);
    } finally {
      clearTimeout(timer ?? null);
    }
  }
}
