/**
 * This isolate's client of the object of maintenance orders. Requests go by what the isolate knows; looks run behind them, and only what is old is waited for
 * (`core/maintenance/known-orders.ts`). An object that does not answer is left alone for a while, and the last orders stay. An isolate that has heard of none
 * then serves: what the config says is open, and one object must not close every route of a site.
 */
import { Reach } from "../../core/holder/reach.ts";
import { KnownOrders, type InMaintenance } from "../../core/maintenance/known-orders.ts";
import type { Millis } from "../../core/model/upstream.ts";
import {
  maintenanceObject,
  type ClosedRoute,
  type GivenOrder,
  type MaintenanceMessage,
  type MaintenanceNews,
  type MaintenanceReply,
} from "../../core/protocol/maintenance.ts";
import type { MaybePromise } from "../../core/protocol/object-namespace.ts";
import type { Alarm } from "../alarm.ts";
import type { Env } from "../env.ts";
import { logEvent } from "../telemetry/log-event.ts";
import { pause, type RequestIo } from "./request-io.ts";
import { callRole } from "./role-client.ts";

/** A look that takes longer is lost: an object that has to be started first takes a part of that. */
const lookTimeoutMs: Millis = 1_000;
/** An operator has more patience than a request. */
const orderTimeoutMs: Millis = 5_000;
/** A request that waits for another one's look sees after so long whether it has been answered: on workerd it cannot wait for its promise. */
const comeAgainMs: Millis = 10;

const chance = { next: (): number => Math.random() };

type LookIo = Pick<RequestIo, "env" | "waitUntil" | "alarm">;

export class MaintenanceClient {
  readonly #known = new KnownOrders();
  readonly #reach = new Reach();

  /** Whether the route is in maintenance; `undefined`: it is open. Without a promise, unless what is known here is old and the object can be asked. */
  orderOn(route: string, io: LookIo): MaybePromise<InMaintenance | undefined> {
    const now = Date.now();
    const freshness = this.#known.freshness(now);
    if (freshness !== "fresh") {
      if (!this.#reach.mayAsk(now)) {
        if (this.#reach.isProbeDue(lookTimeoutMs, now)) io.waitUntil(this.#look(io.env));
      } else if (freshness === "old") {
        return this.#lookFirst(route, io);
      } else if (!this.#known.isLooking(now)) {
        io.waitUntil(this.#look(io.env));
      }
    }
    return this.#known.orderOn(route, now);
  }

  /** All routes that are in maintenance, as the object says at this moment. Rejects if it does not answer. */
  async list(env: Env): Promise<readonly ClosedRoute[]> {
    const { closed = [] } = await call<MaintenanceNews>(env, { kind: "look", known: 0 }, orderTimeoutMs);
    return closed;
  }

  /** Gives the order, of which this isolate knows at once. Rejects if the object does not answer. */
  async order(env: Env, order: GivenOrder): Promise<MaintenanceReply> {
    const sentMs = Date.now();
    const reply = await call<MaintenanceReply>(env, order, orderTimeoutMs);
    if (reply.kind === "done") this.#known.heard(reply.news, sentMs, Date.now());
    return reply;
  }

  async #lookFirst(route: string, io: LookIo): Promise<InMaintenance | undefined> {
    if (!this.#known.isLooking(Date.now())) await this.#look(io.env, io.alarm);
    for (
      let now = Date.now();
      this.#known.freshness(now) === "old" && this.#known.isLooking(now);
      now = Date.now()
    )
      await pause(comeAgainMs, io);
    return this.#known.orderOn(route, Date.now());
  }

  /** Never rejects. */
  async #look(env: Env, alarm?: Alarm): Promise<void> {
    const sentMs = Date.now();
    this.#known.looks(sentMs, lookTimeoutMs);
    try {
      const message = { kind: "look", known: this.#known.version } as const;
      const news = await call<MaintenanceNews>(env, message, lookTimeoutMs, alarm);
      this.#reach.recordAnswer(sentMs);
      this.#known.heard(news, sentMs, Date.now());
    } catch (error) {
      if (this.#reach.isGood)
        logEvent({ event: "role-lost", object: maintenanceObject, detail: String(error) });
      this.#reach.recordLoss(sentMs, Date.now(), chance);
      this.#known.lost();
    }
  }
}

function call<Answer>(
  env: Env,
  message: MaintenanceMessage,
  timeoutMs: Millis,
  alarm?: Alarm,
): Promise<Answer> {
  return callRole<Answer>(env, { object: maintenanceObject, message, timeoutMs, ...(alarm && { alarm }) });
}
