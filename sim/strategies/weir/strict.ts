/**
 * Strict: every request asks its coordinator, which knows of everything in flight. There is one for the whole fleet
 * (a round trip away from everybody), or one in each region (nearer, and told of the others' every so often;
 * `core/load/regional.ts` says what to make of that in between).
 *
 * Messages are absolute in Weir, so a lost one is made good by the next: here a report that is lost is sent again.
 */
import type { Policy } from "../../../core/upstream.ts";
import type { AttemptEnd, Ground } from "../strategy.ts";
import { Origins } from "./origins.ts";
import { Regions } from "./regions.ts";
import { completionOf, Reports, type Report } from "./reports.ts";
import { WeirStrategy } from "./weir-strategy.ts";

const Timer = { ask: 0, giveUp: 1, report: 2, sample: 3, publish: 4 } as const;

export class Strict extends WeirStrategy {
  readonly #regions: Regions;
  readonly #toCoordinatorMs: number;
  /** The rule and its signal. Regions tell the signal of completions when they synchronise. */
  readonly #origins: Origins;
  readonly #reports = new Reports();
  #unsynchronised: Report[] = [];

  /** @param regions how many coordinators there are: 1, or one in each region. */
  constructor(ground: Ground, policy: Policy, regions: number) {
    super(ground);
    const { network, servers } = ground.scenario;
    this.#toCoordinatorMs = (regions === 1 ? network.coordinatorRttMs : network.regionRttMs) / 2;
    this.#origins = new Origins(ground, policy);
    this.#regions = new Regions(regions, servers.length);
  }

  begin(): void {
    if (this.#regions.count > 1) this.ground.after(this.ground.scenario.network.syncMs, Timer.sample);
  }

  route(request: number): void {
    this.deposit(request);
    const stamp = this.ground.stampOf(request);
    if (this.ground.isLost()) {
      this.ground.after(this.ground.scenario.network.coordinatorTimeoutMs, Timer.giveUp, request, stamp);
    } else if (this.#toCoordinatorMs > 0) {
      this.ground.after(this.#toCoordinatorMs, Timer.ask, request, stamp);
    } else this.#ask(request, stamp);
  }

  ended(end: AttemptEnd): void {
    const row = this.#reports.put(end);
    if (this.#toCoordinatorMs > 0) this.ground.after(this.#toCoordinatorMs, Timer.report, row);
    else this.#report(row);
  }

  timer(code: number, first: number, second: number): void {
    switch (code) {
      case Timer.ask:
        return this.#ask(first, second);
      case Timer.giveUp:
        return this.#giveUp(first, second);
      case Timer.report:
        return this.#report(first);
      case Timer.sample:
        return this.#sample();
      case Timer.publish:
        return this.#publish();
    }
  }

  check(): string | undefined {
    return this.#regions.check();
  }

  /** A request is at its coordinator. */
  #ask(request: number, stamp: number): void {
    if (!this.ground.isWaiting(request, stamp)) return;
    if (!this.#isUp) {
      const { coordinatorTimeoutMs } = this.ground.scenario.network;
      const restMs = Math.max(0, coordinatorTimeoutMs - this.#toCoordinatorMs);
      return this.ground.after(restMs, Timer.giveUp, request, stamp);
    }
    this.ground.noteMessage(0);
    const region = this.#regionOf(this.ground.dispatcherOf(request));
    if (this.#regions.count > 1) this.#regions.estimate(region, this.#origins);
    const server = this.#origins.pick(request);
    if (server === undefined) this.ground.refuse(request);
    else this.#send(request, server, region, this.#toCoordinatorMs);
  }

  /** The coordinator has not answered in time. What its dispatcher does now it declares later. */
  #giveUp(request: number, stamp: number): void {
    if (!this.ground.isWaiting(request, stamp)) return;
    const server = this.pickAlone(request);
    if (server === undefined) this.ground.refuse(request);
    else this.#send(request, server, this.#regionOf(this.ground.dispatcherOf(request)), 0);
  }

  #send(request: number, server: number, region: number, delayMs: number): void {
    this.#regions.add(region, server, 1);
    this.#origins.add(server, 1);
    this.#origins.signalOf(server).started(this.#origins.nameOf(server), this.ground.now);
    this.ground.send(request, server, delayMs);
  }

  #report(row: number): void {
    if (this.ground.isLost() || !this.#isUp) {
      return this.ground.after(this.ground.scenario.network.syncMs, Timer.report, row);
    }
    this.ground.noteMessage(0);
    const report = this.#reports.take(row);
    this.#regions.add(this.#regionOf(report.dispatcher), report.server, -1);
    this.#origins.add(report.server, -1);
    this.judge(report);
    if (this.#regions.count === 1) this.#tellSignal(report);
    else this.#unsynchronised.push({ ...report });
  }

  #tellSignal(report: Report): void {
    const completion = completionOf(report);
    if (completion === undefined) return;
    this.#origins
      .signalOf(report.server)
      .ended(this.#origins.nameOf(report.server), completion, this.ground.now);
  }

  /** The root asks all regions what they have. */
  #sample(): void {
    const { syncMs, syncLagMs } = this.ground.scenario.network;
    this.ground.after(syncMs, Timer.sample);
    if (!this.ground.coordinatorIsUp) return;
    this.#regions.sample(() => this.ground.isLost());
    this.ground.after(syncLagMs, Timer.publish);
  }

  /** The regions hear of each other. */
  #publish(): void {
    this.#regions.publish();
    const reports = this.#unsynchronised;
    this.#unsynchronised = [];
    for (const report of reports) this.#tellSignal(report);
  }

  #regionOf(dispatcher: number): number {
    return dispatcher % this.#regions.count;
  }

  /** A region's coordinator does not go down with the one coordinator of the fleet. */
  get #isUp(): boolean {
    return this.#regions.count > 1 || this.ground.coordinatorIsUp;
  }
}
