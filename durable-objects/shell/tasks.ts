/** Runs what an object does besides answering (`core/coordinator/object-tasks.ts`) with promises. */
import type { ObjectStep, ObjectTask } from "../../core/coordinator/object-tasks.ts";
import type { Need } from "../../core/region/region-link.ts";

/** How an object does the steps of its tasks. */
export interface StepRunner {
  /** The end of the exchange with the root that is under way, if there is one. */
  readonly join: () => Promise<void> | undefined;
  readonly exchange: (need: Need | undefined) => Promise<void>;
  readonly rest: () => void;
}

/** Begins at once: until then nothing else sees to what the task is for. */
export async function carryOut<Result>(task: ObjectTask<Result>, steps: StepRunner): Promise<Result> {
  for (;;) {
    const { done, value } = task.next(Date.now());
    if (done === true) return value;
    await runStep(value, steps);
  }
}

function runStep(step: ObjectStep, { join, exchange, rest }: StepRunner): Promise<void> | undefined {
  switch (step.kind) {
    case "wait":
      return new Promise((resolve) => setTimeout(resolve, step.forMs));
    case "join":
      return join();
    case "exchange":
      return exchange(step.need);
    case "rest":
      rest();
      return undefined;
  }
}
