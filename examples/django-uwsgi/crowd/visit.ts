/** What a user does next, by chance: reads pages, mostly; writes notes; uploads, waits for slow pages and streams. */
import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../../../core/model/random.ts";
import type { Browser } from "./browser.ts";

/** How users behave. */
export interface Pace {
  /** The longest that a user looks at a page, in ms; half of it on average. */
  readonly thinkMs: number;
  /** What is done, by weight. */
  readonly weights: Readonly<Record<Action, number>>;
}

const actionNames = ["home", "note", "upload", "slow", "stream"] as const;
type Action = (typeof actionNames)[number];

const actions: Readonly<Record<Action, (browser: Browser, random: Random) => Promise<void>>> = {
  home: async (browser) => {
    await Promise.all([browser.get("page", "/"), browser.get("static", "/static/style.css")]);
  },
  note: (browser) => browser.takeNote(),
  upload: async (browser, random) => {
    const file = files[pickIndex(random, fileWeights)];
    if (file) await browser.upload(file.bytes, file.sha256);
  },
  slow: async (browser, random) => {
    await browser.get("slow", `/slow/${100 + Math.floor(random.next() * 300)}/`);
  },
  stream: async (browser) => {
    await browser.get("stream", `/stream/${pieces}/`, ({ body }) => body.endsWith(`line ${pieces - 1}\n`));
  },
};

const pieces = 10;

/** An ordinary day. */
export const calmPace: Pace = {
  thinkMs: 500,
  weights: { home: 45, note: 35, upload: 6, slow: 10, stream: 4 },
};

/** A crowd that fills slots: slow pages, and little time between them. */
export const hurriedPace: Pace = {
  thinkMs: 100,
  weights: { home: 25, note: 25, upload: 0, slow: 48, stream: 2 },
};

const files = [60_000, 1_000_000, 20_000_000].map((size) => {
  const bytes = randomBytes(size);
  return { bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
});
const fileWeights = [70, 25, 5];

function pickIndex(random: Random, weights: readonly number[]): number {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  let left = random.next() * sum;
  return weights.findIndex((weight) => (left -= weight) < 0);
}

/** Visits the site until `signal` aborts; what is open then is finished. Never rejects. */
export async function visit(
  browser: Browser,
  pace: Pace,
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  const weights = actionNames.map((name) => pace.weights[name]);
  while (!signal.aborted) {
    await sleep(random.next() * pace.thinkMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    if (!browser.isSignedIn && !(await browser.signIn())) continue;
    await actions[actionNames[pickIndex(random, weights)] ?? "home"](browser, random);
  }
}
