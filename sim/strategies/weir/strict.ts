/**
 * Strict: every request asks its coordinator, which knows of everything in flight. There is one for the whole fleet
 * (a round trip away from all dispatchers), or one in each region (nearer, and told of the others' requests every so often;
 * `core/region/regional.ts` says what to make of that in between).
 *
 * Messages are absolute in Weir, so a lost one is made good by the next: here a report that is lost is sent again.
 */
import type { Millis, Policy } from "../../../core/model/upstream.ts";
import { regionOfDispatchers } from "../../engine/dispatchers.ts";
import type { RegionSpec } from "../../scenario/scenario.ts";
import type { AttemptEnd, Ground } from "../strategy.ts";
import { Origins } from "./origins.ts";
import { Regions } from "./regions.ts";
import { completionOf, Reports, type Report } from "./reports.ts";
import { WeirStrategy } from "./weir-strategy.ts";

const Timer = { ask: 0, giveUp: 1, report: 2, sample: 3, publish: 4 } as const;

export class Strict extends WeirStrategy {
  readonly #regions: Regions;
  /** By dispatcher: its coordinator, and how far away that is. */
  readonly #regionOf: readonly number[];
  readonly #wayMs: readonly Millis[];
  /** The rule and its signal. Regions tell the signal of completions when they synchronise. */
  readonly #origins: Origins;
  readonly #reports = new Reports();
  #unsynchronised: Report[] = [];

  /** @param regions each with a coordinator; fewer than two: there is one for the whole fleet. */
  constructor(ground: Ground, policy: Policy, regions: readonly RegionSpec[] = []) {
    super(ground);
    const { network, servers, dispatchers } = ground.scenario;
    const isRegional = regions.length > 1;
    this.#regionOf = isRegional ? regionOfDispatchers(regions) : Array<number>(dispatchers.count).fill(0);
    this.#wayMs = this.#regionOf.map(
      (region) => (isRegional ? regions[region]!.rttMs : network.coordinatorRttMs) / 2,
    );
    this.#origins = new Origins(ground, policy);
    this.#regions = new Regions(Math.max(1, regions.length), servers.length);
  }

  begin(): void {
    if (this.#regions.count > 1) this.ground.after(this.ground.scenario.network.syncMs, Timer.sample);
  }

  route(request: number): void {
    this.deposit(request);
    const stamp = this.ground.stampOf(request);
    if (this.ground.isLost()) {
      this.ground.after(this.ground.scenario.network.coordinatorTimeoutMs, Timer.giveUp, request, stamp);
      return;
    }
    const wayMs = this.#wayMs[this.ground.dispatcherOf(request)]!;
    if (wayMs > 0) this.ground.after(wayMs, Timer.ask, request, stamp);
    else this.#ask(request, stamp);
  }

  recordEnd(end: AttemptEnd): void {
    const row = this.#reports.put(end, this.ground.now);
    const wayMs = this.#wayMs[end.dispatcher]!;
    if (wayMs > 0) this.ground.after(wayMs, Timer.report, row);
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
    const dispatcher = this.ground.dispatcherOf(request);
    const wayMs = this.#wayMs[dispatcher]!;
    if (!this.#isUp) {
      const { coordinatorTimeoutMs } = this.ground.scenario.network;
      const restMs = Math.max(0, coordinatorTimeoutMs - wayMs);
      return this.ground.after(restMs, Timer.giveUp, request, stamp);
    }
    const region = this.#regionOf[dispatcher]!;
    this.#noteMessage(region);
    if (this.#regions.count > 1) this.#regions.estimate(region, this.#origins);
    const server = this.#origins.pick(request);
    if (server === undefined) this.ground.refuse(request);
    else this.#send(request, server, region, wayMs);
  }

  /** The coordinator has not answered in time. What its dispatcher does now it declares later. */
  #giveUp(request: number, stamp: number): void {
    if (!this.ground.isWaiting(request, stamp)) return;
    const server = this.pickAlone(request);
    if (server === undefined) this.ground.refuse(request);
    else this.#send(request, server, this.#regionOf[this.ground.dispatcherOf(request)]!, 0);
  }

  #send(request: number, server: number, region: number, delayMs: number): void {
    this.#regions.add(region, server, 1);
    this.#origins.add(server, 1, this.ground.now + delayMs);
    this.#origins.signalOf(server).recordStart(this.#origins.nameOf(server), this.ground.now);
    this.ground.send(request, server, delayMs);
  }

  #report(row: number): void {
    if (this.ground.isLost() || !this.#isUp) {
      return this.ground.after(this.ground.scenario.network.syncMs, Timer.report, row);
    }
    const report = this.#reports.release(row);
    const region = this.#regionOf[report.dispatcher]!;
    this.#noteMessage(region);
    this.#regions.add(region, report.server, -1);
    this.#origins.add(report.server, -1, report.sentMs);
    this.judge(report);
    if (this.#regions.count === 1) this.#tellSignal(report);
    else this.#unsynchronised.push({ ...report });
  }

  #tellSignal(report: Report): void {
    const completion = completionOf(report);
    if (completion === undefined) return;
    this.#origins
      .signalOf(report.server)
      .recordCompletion(this.#origins.nameOf(report.server), completion, this.ground.now);
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

  #noteMessage(region: number): void {
    this.ground.noteMessage(this.#regions.count > 1 ? 1 + region : 0);
  }

  /** A region's coordinator does not go down with the one coordinator of the fleet. */
  get #isUp(): boolean {
    return this.#regions.count > 1 || this.ground.coordinatorIsUp;
  }
}
