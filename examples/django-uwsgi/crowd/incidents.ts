/** What happens to servers in a week. Each incident is done to a running stack, and says what it did. */
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import type { Random } from "../../../core/model/random.ts";
import type { Instance } from "../setup/setup.ts";
import type { RunningStack } from "../stack/up.ts";
import type { Death } from "./counts.ts";
import type { FrontControl } from "./front.ts";

/** Where an incident happens. */
export interface Scene {
  readonly stack: RunningStack;
  readonly front: FrontControl;
  readonly phaseMs: number;
  readonly random: Random;
  readonly onDeath: (death: Death) => void;
  /** What happened, in a sentence. */
  readonly say: (what: string) => void;
}

export type Incident = (scene: Scene) => Promise<void>;

const backWithinMs = 30_000;
const pollMs = 20;

/** kill -9: all of one instance, as when its machine dies; then one worker of another, whose master replaces it. */
export const kill: Incident = async (scene) => {
  const [whole, other] = twoOf(scene);
  await sleep(scene.phaseMs * 0.2);
  const processes = await scene.stack.supervisor.processesOf(whole.name);
  killNow(scene, whole, processes);
  const backMs = await untilItAnswers(whole);
  scene.say(`all of ${whole.name} was killed; it answers again after ${seconds(backMs)}`);
  await sleep(scene.phaseMs * 0.2);
  const [, worker] = await scene.stack.supervisor.processesOf(other.name);
  killNow(scene, other, worker === undefined ? [] : [worker]);
  scene.say(`a worker of ${other.name} was killed`);
};

/** `supervisorctl restart` of one instance, in the middle of its work. */
export const restart: Incident = async (scene) => {
  const [instance] = twoOf(scene);
  await sleep(scene.phaseMs * 0.2);
  const fromMs = Date.now();
  await scene.stack.supervisor.run("stop", instance.name);
  scene.onDeath({ instance: String(instance.port), fromMs, toMs: Date.now() });
  await scene.stack.supervisor.run("start", instance.name);
  await untilItAnswers(instance);
  scene.say(`${instance.name} was restarted, which took ${seconds(Date.now() - fromMs)}`);
};

/** Nothing of an instance runs for a while, and then it goes on. */
export const freeze: Incident = async (scene) => {
  const [instance] = twoOf(scene);
  const frozenMs = Math.min(5_000, scene.phaseMs * 0.3);
  await sleep(scene.phaseMs * 0.2);
  const processes = await scene.stack.supervisor.processesOf(instance.name);
  try {
    for (const pid of processes) process.kill(pid, "SIGSTOP");
    await sleep(frozenMs);
  } finally {
    for (const pid of processes) process.kill(pid, "SIGCONT");
  }
  scene.say(`${instance.name} was frozen for ${seconds(frozenMs)}`);
};

/** One after the other is drained, stopped at the very moment that the front says it may be, started again, and undrained. */
export const drainAndStop: Incident = async ({ stack, front, phaseMs, say }) => {
  const startedMs = performance.now();
  const home = stack.setup.instances.filter(({ pool }) => pool === "home");
  let rounds = 0;
  do {
    const instance = home[rounds % home.length];
    if (instance === undefined) return;
    if (!(await front.drain(instance))) say(`${instance.name} was not said to be safe to stop`);
    await stack.supervisor.run("stop", instance.name);
    await stack.supervisor.run("start", instance.name);
    await untilItAnswers(instance);
    await front.undrain(instance);
    rounds++;
  } while (performance.now() - startedMs < phaseMs * 0.8);
  say(`${rounds} rounds of drain, stop, start, undrain`);
};

function killNow({ onDeath }: Scene, { port }: Instance, processes: readonly number[]): void {
  const atMs = Date.now();
  for (const pid of processes) process.kill(pid, "SIGKILL");
  onDeath({ instance: String(port), fromMs: atMs, toMs: Date.now() });
}

/** Two different instances of home, by chance; the same, if there is but one. */
function twoOf({ stack, random }: Scene): readonly [Instance, Instance] {
  const home = stack.setup.instances.filter(({ pool }) => pool === "home");
  const first = Math.floor(random.next() * home.length);
  const [one, other] = [home[first], home[(first + 1) % home.length]];
  if (one === undefined || other === undefined) throw new TypeError("The set-up has no home.");
  return [one, other];
}

/** Resolves with the time that it took until the instance itself answers. @throws Error if it does not within half a minute. */
async function untilItAnswers({ name, port }: Instance): Promise<number> {
  const startedMs = performance.now();
  for (;;) {
    const answer = await request(`http://127.0.0.1:${port}/`, { reset: true }).catch(() => undefined);
    await answer?.body.dump();
    const elapsedMs = performance.now() - startedMs;
    if (answer) return elapsedMs;
    if (elapsedMs > backWithinMs) throw new Error(`${name} does not answer any more.`);
    await sleep(pollMs);
  }
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
