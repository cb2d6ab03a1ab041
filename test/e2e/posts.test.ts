/** No POST is lost, and none comes twice, in front of servers that close their connections each in its own way, as they come. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { seededRandom } from "../../core/model/random.ts";
import {
  installedServers,
  missingServers,
  startNotingStack,
  type NotingStack,
} from "../support/noting-stack.ts";

let stack: NotingStack;

beforeAll(async () => {
  stack = await startNotingStack();
});

afterAll(() => stack.stop());

test.concurrent.for(installedServers)("%s answers every POST, once", async (name) => {
  const { sent, ...wrong } = await stack.send(name, {
    width: 4,
    each: 8,
    offsetsMs: [-2],
    random: seededRandom(1),
  });
  expect(sent).toBeGreaterThan(0);
  expect(wrong).toEqual({ failed: {}, lost: 0, doubled: 0 });
});

test.skip.for(missingServers)("%s (not installed: npm run servers)", () => {});
