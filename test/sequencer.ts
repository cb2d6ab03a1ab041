/**
 * The order of the test files: those that wait longest begin first, so that no core is idle at the end. Left to itself vitest
 * begins with the largest files, and the demo, which takes a minute and a half, is one of the smallest.
 */
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Tiers and files, by how long they wait for timers and servers, and those that only compute by how long they do. */
const order = [
  "e2e/demo",
  "workers/eviction",
  "e2e/start",
  "e2e/registration",
  "e2e/",
  "workers/",
  "unit/core/ledger/exchange",
  "unit/worker/proxy/linear-parsers",
  "unit/sim/",
  "unit/core/",
  "unit/",
];

const placeOf = ({ moduleId }: TestSpecification): number =>
  order.findIndex((part) => moduleId.includes(`/test/${part}`));

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}
