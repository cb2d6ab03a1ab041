/**
 * The instances that run, as many as were ordered last, each a process of its own. What an autoscaler of a real cloud does by
 * its API: start one, stop one, and replace one that has died.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { InstanceOptions } from "./instance.ts";

const program = new URL("instance.ts", import.meta.url);

/** One that has died is replaced, but not in a circle without a breath. */
const replaceAfterMs = 1_000;

/** How long its end may take. */
const closeWithinMs = 3_000;

export interface InstancesOptions extends Omit<InstanceOptions, "name" | "port"> {
  /** That of the first; each further one has the next. 0: any that are free. */
  readonly firstPort: number;
  /** What instances sign with when they register. */
  readonly registerSecret: string;
  readonly max: number;
  readonly tell: (what: string) => void;
}

interface Instance {
  readonly name: string;
  readonly place: number;
  readonly child: ChildProcess;
  isLeaving: boolean;
}

export class Instances {
  readonly #options: InstancesOptions;
  readonly #running = new Set<Instance>();
  #wanted = 0;
  #isClosed = false;

  constructor(options: InstancesOptions) {
    this.#options = options;
  }

  /** So many are to run from now on: never fewer than none, nor more than there may be. */
  scaleTo(instances: number): void {
    this.#wanted = Math.max(0, Math.min(this.#options.max, instances));
    this.#settle();
  }

  /** Ends all of them. Those that have not said goodbye soon go without: Weir will notice that they are silent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const children = [...this.#running].map(({ child }) => child);
    const ended = Promise.all(children.map((child) => once(child, "exit")));
    for (const child of children) child.kill("SIGTERM");
    const late = setTimeout(() => {
      for (const child of children) child.kill("SIGKILL");
    }, closeWithinMs);
    await ended;
    clearTimeout(late);
  }

  /** The last to come is the first to go. One that is on its way out keeps its port until it has gone. */
  #settle(): void {
    if (this.#isClosed) return;
    const staying = [...this.#running].filter(({ isLeaving }) => !isLeaving);
    for (const instance of staying.slice(this.#wanted)) this.#stop(instance);
    for (let missing = this.#wanted - staying.length; missing > 0; missing--) this.#start();
  }

  #start(): void {
    const { firstPort, registerSecret, max, tell, ...options } = this.#options;
    const taken = new Set([...this.#running].map(({ place }) => place));
    const place = Array.from({ length: max }, (_, at) => at).find((at) => !taken.has(at));
    // All places are taken by instances that leave: the next one that has gone makes room.
    if (place === undefined) return;
    const name = `${options.pool}-instance-${place + 1}`;
    const own: InstanceOptions = { ...options, name, port: firstPort === 0 ? 0 : firstPort + place };
    const child = fork(program, [JSON.stringify(own)], {
      stdio: ["ignore", "pipe", "inherit", "ipc"],
      env: { ...process.env, WEIR_REGISTER_SECRET: registerSecret },
    });
    const instance: Instance = { name, place, child, isLeaving: false };
    this.#running.add(instance);
    child.stdout?.setEncoding("utf8").on("data", (text: string) => tell(text.trimEnd()));
    tell(`${name}: started${own.port === 0 ? "" : ` on port ${own.port}`}`);
    child.once("exit", (code, signal) => this.#recordExit(instance, signal ?? `code ${code}`));
  }

  #stop(instance: Instance): void {
    instance.isLeaving = true;
    this.#options.tell(`${instance.name}: is to leave`);
    instance.child.kill("SIGTERM");
  }

  #recordExit(instance: Instance, how: string): void {
    this.#running.delete(instance);
    if (instance.isLeaving) return this.#settle();
    if (this.#isClosed) return;
    this.#options.tell(`${instance.name}: has died (${how})`);
    setTimeout(() => this.#settle(), replaceAfterMs).unref();
  }
}
