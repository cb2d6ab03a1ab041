/**
 * POSTs at pauses of every length: where what is in between sends one on a connection that the server is just closing, it is lost.
 * Each comes on a connection of its own, so that none can be lost on the way there.
 */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import type { Random } from "../../core/model/random.ts";

export interface PostsSent {
  readonly sent: number;
  /** Those that were not answered with their own text, by what came instead. */
  readonly failed: Readonly<Record<string, number>>;
  /** Acknowledged, and not noted by the server. */
  readonly lost: number;
  /** Noted more than once. */
  readonly doubled: number;
}

export interface Posts {
  readonly url: string;
  readonly host: string;
  /** What the server has noted. */
  readonly notes: string;
  /** Clients, and POSTs of a wave. */
  readonly width: number;
  /** POSTs of each client that is in a hurry. */
  readonly each: number;
  /** Between the end of a wave and the next, in ms. */
  readonly gapsMs: readonly number[];
  readonly random: Random;
}

/** The server's own idle times, and so many milliseconds before and after them. */
export const gapsAround = (idleMs: readonly number[], offsetsMs: readonly number[]): readonly number[] =>
  idleMs.flatMap((idle) => offsetsMs.map((offset) => idle + offset));

/** The longest pause of a client that is in a hurry. A server that closes after each answer does so within a few milliseconds. */
const hurriedMs = 5;

/**
 * Sends `width` × `each` POSTs, of `width` clients that pause for up to 5 ms, and then a wave of `width` at once, and one after each
 * gap.
 * @param random chance, for the pauses.
 */
export async function postAtGaps({
  url,
  host,
  notes,
  width,
  each,
  gapsMs,
  random,
}: Posts): Promise<PostsSent> {
  const outcomes: Outcome[] = [];
  const send = async (): Promise<void> => {
    outcomes.push(await post(url, host));
  };
  const clients = Array.from({ length: width }, async () => {
    for (let nth = 0; nth < each; nth++) {
      await send();
      await sleep(random.next() * hurriedMs);
    }
  });
  await Promise.all(clients);
  for (const gapMs of [0, ...gapsMs]) {
    await sleep(gapMs);
    await Promise.all(Array.from({ length: width }, send));
  }
  const noted = Map.groupBy((await readFile(notes, "utf8")).split("\n").filter(Boolean), (line) => line);
  const words = outcomes.flatMap(({ failure }) => failure ?? []);
  return {
    sent: outcomes.length,
    failed: Object.fromEntries(
      [...Map.groupBy(words, (word) => word)].map(([word, all]) => [word, all.length]),
    ),
    lost: outcomes.filter(({ text, failure }) => failure === undefined && !noted.has(text)).length,
    doubled: [...noted.values()].filter((all) => all.length > 1).length,
  };
}

interface Outcome {
  readonly text: string;
  /** What came instead of an acknowledgement. */
  readonly failure?: string;
}

async function post(url: string, host: string): Promise<Outcome> {
  const text = randomUUID();
  try {
    const { statusCode, body } = await request(url, {
      method: "POST",
      headers: { host },
      body: text,
      reset: true,
    });
    const answer = await body.text();
    return statusCode === 200 && answer === text ? { text } : { text, failure: `status ${statusCode}` };
  } catch (error) {
    return { text, failure: error instanceof Error ? error.message : String(error) };
  }
}
