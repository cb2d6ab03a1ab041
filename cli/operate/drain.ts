/**
 * `weir drain ORIGIN` and `weir up ORIGIN`. With `--wait` a drain ends when the server behind the origin can be stopped at that very
 * moment: the origin takes nothing at all then, bound sessions included. With --wait an operator wants to stop the server, so the default
 * is to move sessions; without --wait the reason may be another one, so the default is to leave them.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { OriginView } from "../../core/protocol/origin-view.ts";
import { ExpectedError } from "../expected-error.ts";
import type { Whereabouts } from "./api-caller.ts";
import { exitCodes } from "./exit-codes.ts";
import { operatorClient, type Address, type OperatorClient } from "./operator-client.ts";
import { mayHaveSessions, waitingText } from "./waiting-text.ts";

export interface UpOptions extends Whereabouts {
  /** Absent: the only one that has an origin of that name. */
  readonly upstream?: string;
}

export interface DrainOptions extends UpOptions {
  readonly wait: boolean;
  /** What becomes of the sessions that are bound to the origin. Absent: `move` if it is to wait, else `finish`. */
  readonly sessions?: "move" | "finish";
  /** How long it waits, in seconds. */
  readonly timeout: number;
}

const pollMs = 200;

/** A line on what is waited for, at most so often. */
const tellEveryMs = 1_000;

/** While it waits Weir may be restarted: it does not answer for so long at most. */
const awayForMs = 15_000;

/** Carries out the order. @returns the exit code. @throws ExpectedError if Weir does not. */
export async function up(origin: string, options: UpOptions): Promise<number> {
  const client = await operatorClient(options);
  const address = await client.find(origin, options.upstream);
  await client.order(address, "up");
  console.log(`${origin} is back in service.`);
  return exitCodes.done;
}

/**
 * Drains the origin, and waits if it is to.
 * @returns the exit code: 0 if the server can be stopped now, or if it is not to wait.
 * @throws ExpectedError if Weir does not carry it out. Rejects when `signal` aborts; the order stands.
 */
export async function drain(origin: string, options: DrainOptions, signal: AbortSignal): Promise<number> {
  const client = await operatorClient(options);
  const address = await client.find(origin, options.upstream);
  let view = await client.look(address);
  if (view.operator === "up") view = await client.order(address, "drain");
  if (!options.wait) {
    if (options.sessions === "move" && takesBound(view)) view = await client.order(address, "down");
    console.log(`${origin} is ${view.operator}: it takes no new requests${exceptBound(view)}.`);
    return exitCodes.done;
  }
  return new DrainWaiting(client, address, options).run(signal);
}

const takesBound = ({ waitingFor }: Pick<OriginView, "waitingFor">): boolean =>
  waitingFor.some(({ why }) => why === "sessions");

const exceptBound = (view: OriginView): string =>
  takesBound(view) ? " but of sessions that are bound to it, which stay (--sessions move moves them)" : "";

class DrainWaiting {
  readonly #client: OperatorClient;
  readonly #address: Address;
  readonly #options: DrainOptions;
  readonly #startMs = performance.now();
  #said = "";
  #saidMs = -Infinity;
  #answeredMs = performance.now();

  constructor(client: OperatorClient, address: Address, options: DrainOptions) {
    this.#client = client;
    this.#address = address;
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<number> {
    const { origin } = this.#address;
    for (;;) {
      const view = await this.#look();
      const elapsedS = (performance.now() - this.#startMs) / 1_000;
      if (view?.safeToStop === true) {
        console.log(`${origin} can be stopped now (${elapsedS.toFixed(1)} s).`);
        return exitCodes.done;
      }
      if (elapsedS >= this.#options.timeout) {
        const why = view === undefined ? "Weir does not answer" : waitingText(view, Date.now());
        const message = `${origin} cannot be stopped safely after ${this.#options.timeout} s: ${why}.`;
        throw new ExpectedError(
          message,
          `The order stands. Bring it back: weir up ${origin}`,
          exitCodes.notInTime,
        );
      }
      if (view?.operator === "up") {
        const message = `${origin} was brought back into service while it was drained.`;
        throw new ExpectedError(message, "To take it out of service, drain it again.", exitCodes.notInTime);
      }
      if (view !== undefined) await this.#goOn(view);
      await sleep(pollMs, undefined, { signal });
    }
  }

  /** `undefined`: Weir does not answer at this moment. */
  async #look(): Promise<OriginView | undefined> {
    try {
      const view = await this.#client.look(this.#address);
      this.#answeredMs = performance.now();
      return view;
    } catch (error) {
      const isAway = error instanceof ExpectedError && error.exitCode === exitCodes.noAnswer;
      if (!isAway || performance.now() - this.#answeredMs > awayForMs) throw error;
      return undefined;
    }
  }

  async #goOn(view: OriginView): Promise<void> {
    const isFinishing = this.#options.sessions === "finish" && mayHaveSessions(view, Date.now());
    if (takesBound(view) && !isFinishing) {
      console.log(`Sessions that were bound to ${this.#address.origin} are moved elsewhere.`);
      await this.#client.order(this.#address, "down");
      return;
    }
    this.#tell(waitingText(view, Date.now()));
  }

  #tell(text: string): void {
    const now = performance.now();
    // Times that count down are no news.
    const news = text.replaceAll(/\d+ s at most/g, "");
    if (news === this.#said || now - this.#saidMs < tellEveryMs) return;
    this.#said = news;
    this.#saidMs = now;
    console.log(`Waiting: ${text}.`);
  }
}
