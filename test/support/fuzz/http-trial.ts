/**
 * HTTP at random through Weir as it ships: what comes out is what went in, but for what docs/http.md says. A failure says how
 * to see it again, shrunk to its shortest.
 */
import assert from "node:assert/strict";

import fc from "fast-check";

import { startStack, type Stack } from "../stack.ts";
import { send, type NumberedRequest } from "./client.ts";
import { startEchoOrigin, type EchoOrigin } from "./echo-origin.ts";
import { anyBatch, type Batch, type Connection, type Exchange } from "./exchange.ts";
import { arrived, expectedAtClient, expectedAtOrigin, isRefusal, withoutDate } from "./expected.ts";
import type { Message } from "./message.ts";

export interface FuzzStack {
  readonly stack: Stack;
  readonly origin: EchoOrigin;
  stop(): Promise<void>;
}

/** What values may go through differs by it, so each has a host, and what must arrive there is known to the byte. */
const connections = ["reuse", "each"] as const satisfies readonly Connection[];
const hostOf = (connection: Connection): string => `${connection}.test`;

export async function startFuzzStack(): Promise<FuzzStack> {
  const origin = await startEchoOrigin();
  const stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      upstreams: Object.fromEntries(
        connections.map((connection) => [
          connection,
          {
            pools: [{ name: "home", origins: [{ name: "site", url: origin.url, connection }] }],
            health: false,
            passive: false,
          },
        ]),
      ),
      routes: connections.map((connection) => ({ host: hostOf(connection), upstream: connection })),
    }),
  });
  return { stack, origin, stop: () => Promise.all([stack.stop(), origin.close()]).then(() => undefined) };
}

export interface HttpTrial {
  /** At least so many requests. */
  readonly requests: number;
  readonly seed: number;
  /** The one batch that failed. */
  readonly path?: string;
  /** Hears now and then how many requests there have been. */
  readonly onProgress?: (requests: number) => void;
}

export interface HttpTried {
  readonly requests: number;
  /** What failed, and how to replay it. */
  readonly failure?: string;
}

/** Of a chunk with its shrinking. */
const longestMs = 60_000;

/** Bodies may be large. */
const longestShown = 4_000;

/** Batches between two looks at how many requests there have been. */
const chunk = 25;

/** Tries until there have been as many requests, or one has failed. */
export async function tryHttp(
  fuzz: FuzzStack,
  { requests, seed, path, onProgress }: HttpTrial,
): Promise<HttpTried> {
  const tried = { requests: 0 };
  for (let round = 0; tried.requests < requests; round++) {
    const run = await fc.check(
      fc.asyncProperty(anyBatch, async (batch) => {
        tried.requests += batch.exchanges.length;
        await tryBatch(fuzz, batch);
      }),
      // Each chunk has a seed of its own, the one that a failure in it is replayed with. Shrinking what hangs takes long.
      {
        numRuns: path === undefined ? chunk : 1,
        seed: seed + round,
        interruptAfterTimeLimit: longestMs,
        ...(path !== undefined && { path }),
      },
    );
    if (run.failed) {
      const replay = `npm run test:long -- --only http --seed ${run.seed} --path ${run.counterexamplePath ?? 0}`;
      const shown = fc.stringify(run.counterexample?.[0]).slice(0, longestShown);
      return { ...tried, failure: `${String(run.errorInstance)}\n${shown}\nReplay it: ${replay}` };
    }
    onProgress?.(tried.requests);
    if (path !== undefined) break;
  }
  return tried;
}

let numbers = 0;

async function tryBatch({ stack, origin }: FuzzStack, { sharing, exchanges }: Batch): Promise<void> {
  const originHost = new URL(origin.url).host;
  const numbered = exchanges.map((exchange) => {
    const [number, host] = [String(numbers++), hostOf(exchange.connection)];
    const expected = expectedAtOrigin(exchange, { number, originHost, clientHost: host });
    return { ...exchange, number, host, expected };
  });
  for (const { number, request, response } of numbered) origin.setResponse(number, request.method, response);
  const answers = await sendAll(stack.url, numbered, ({ expected }) => sharing && expected !== undefined);
  for (const exchange of numbered) {
    const answer = answers.get(exchange.number);
    assert.ok(answer !== undefined);
    const seen = origin.takeMessages(exchange.number);
    const { expected } = exchange;
    if (expected === undefined) {
      assert.deepEqual([isRefusal(answer), seen.length], [true, 0], "refused with 400, and not sent");
      continue;
    }
    assert.deepEqual(
      seen.map((message) => arrived(message, "origin")),
      [expected],
      "at the origin",
    );
    assert.deepEqual(
      withoutDate(arrived(answer, "client"), exchange),
      expectedAtClient(exchange),
      "at the client",
    );
  }
  assert.deepEqual(origin.nonsense, [], "what the origin did not understand");
}

/** Those that may share a connection on one, where a refusal would end it; each of the others on its own. All at once. */
async function sendAll<T extends Exchange & NumberedRequest>(
  url: string,
  all: readonly T[],
  mayShare: (exchange: T) => boolean,
): Promise<ReadonlyMap<string, Message>> {
  const shared = all.filter(mayShare);
  const groups = [shared, ...all.filter((exchange) => !mayShare(exchange)).map((one) => [one])];
  const sent = groups
    .filter(({ length }) => length > 0)
    .map(async (group) => {
      const answers = await send(url, group);
      return group.map(({ number }, index) => [number, answers[index]] as const);
    });
  const answers = (await Promise.all(sent)).flat();
  return new Map(answers.flatMap(([number, answer]) => (answer === undefined ? [] : [[number, answer]])));
}
