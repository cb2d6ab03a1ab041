/**
 * `npm run test:long`: the fleet model (`test/support/fleet/`) with a great many random schedules, some minutes of them, and HTTP
 * (`test/support/fuzz/`) and configs (`test/support/configs/`) at random through the built bundle, a thousand WebSockets at once, POSTs to
 * servers that close connections each in its own way (`test/servers/noting/`), an ordinary day (`examples/django-uwsgi/`), and the
 * properties of the unit tier with many more runs (`test/support/runs.ts`).
 * Every run tries others; a failure says how to replay it.
 */
import { Command, InvalidArgumentError } from "commander";

import { shopNames, type ShopName } from "./support/fleet/shops.ts";
import { failureOf } from "./support/fleet/trial.ts";
import { judgeConfigs } from "./support/configs/judging.ts";
import { openConfigBench, tryConfigs } from "./support/configs/trial.ts";
import { tryDay, tryPosts } from "./support/ordinary-day.ts";
import { runSocketCrowd, startEchoStack } from "./support/socket-crowd.ts";
import { runSocketFlood } from "./support/socket-flood.ts";
import { tryDrains } from "./support/drain-rounds.ts";
import { tryProperties } from "./support/properties.ts";
import { startFuzzStack, tryHttp } from "./support/fuzz/http-trial.ts";

const parts = ["fleet", "http", "config", "sockets", "posts", "day", "drain", "properties"] as const;
type Part = (typeof parts)[number];

interface Options {
  readonly schedules: number;
  readonly requests: number;
  readonly configs: number;
  readonly sockets: number;
  readonly only?: Part;
  readonly seed: number;
  readonly shop?: ShopName;
  readonly path?: string;
}

/** Between two words on how far it is. */
const chunk = 2_000;

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError("It must be a whole number.");
  return value;
}

function shop(text: string): ShopName {
  const found = shopNames.find((name) => name === text);
  if (found === undefined) throw new InvalidArgumentError(`There are ${shopNames.join(", ")}.`);
  return found;
}

function part(text: string): Part {
  const found = parts.find((name) => name === text);
  if (found === undefined) throw new InvalidArgumentError(`There are ${parts.join(", ")}.`);
  return found;
}

const options = new Command("npm run test:long --")
  .description(
    "Tries the coordination with random schedules of faults, HTTP and configs at random, many WebSockets at once, POSTs to servers of every kind, drains, an ordinary day of a whole site, and properties of single rules.",
  )
  .option("--schedules <count>", "how many, over all shops", whole, 108_000)
  .option("--shop <name>", `only this one of ${shopNames.join(", ")}`, shop)
  .option("--requests <count>", "how many go through the built bundle", whole, 20_000)
  .option("--configs <count>", "how many are tried on the built bundle; more are only judged", whole, 300)
  .option("--sockets <count>", "how many are open at once", whole, 1_000)
  .option("--only <part>", `only this one of ${parts.join(", ")}`, part)
  .option(
    "--seed <number>",
    "the same schedules, requests and configs again",
    whole,
    Date.now() % 1_000_000_000,
  )
  .option("--path <path>", "with --seed, and --shop or --only http or config: the one that failed")
  .parse()
  .opts<Options>();

/** `false` if a schedule broke a promise. */
function tryShop(name: ShopName, count: number): boolean {
  const startedMs = performance.now();
  for (let done = 0; done < count; done += chunk) {
    const numRuns = Math.min(chunk, count - done);
    // Each chunk has a seed of its own, the one that a failure in it is replayed with.
    const failure = failureOf({ shop: name, numRuns, seed: options.seed + done });
    if (failure !== undefined) {
      console.error(failure);
      return false;
    }
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
    console.log(`${name}: ${done + numRuns} of ${count} schedules in ${seconds} s`);
  }
  return true;
}

function replay(name: ShopName, path: string): boolean {
  const failure = failureOf({ shop: name, numRuns: 1, seed: options.seed, path });
  console.log(failure ?? `${name}: this schedule breaks nothing.`);
  return failure === undefined;
}

function runAll(names: readonly ShopName[]): boolean {
  console.log(`seed ${options.seed}`);
  const each = Math.ceil(options.schedules / names.length);
  const broken = names.filter((name) => !tryShop(name, each));
  console.log(broken.length === 0 ? "Every promise held." : `Broken: ${broken.join(", ")}.`);
  return broken.length === 0;
}

function tryFleet(): boolean {
  if (options.shop !== undefined && options.path !== undefined) return replay(options.shop, options.path);
  return runAll(options.shop === undefined ? shopNames : [options.shop]);
}

/** Says now and then how far something is. */
function progress(what: string, count: number): (done: number) => void {
  const startedMs = performance.now();
  const step = count / 10;
  let next = step;
  return (done) => {
    if (done < next) return;
    next = done + step;
    console.log(`${what}: ${done} of ${count} in ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`);
  };
}

/** `false` if a message did not arrive as it was sent. */
async function tryMessages(): Promise<boolean> {
  const fuzz = await startFuzzStack();
  try {
    console.log(`http: seed ${options.seed}`);
    const { requests, seed, path } = options;
    const onProgress = progress("http: requests", requests);
    const tried = await tryHttp(fuzz, { requests, seed, onProgress, ...(path !== undefined && { path }) });
    console.log(tried.failure ?? `http: all of ${tried.requests} requests arrived as they were sent.`);
    return tried.failure === undefined;
  } finally {
    await fuzz.stop();
  }
}

/**
 * What one may cost workerd, compressed or not. Most is the runtime's own: 110 KiB also for a Worker that only passes it on, 92 KiB for an
 * invocation that has two connections and reads from both.
 */
const maxBytesPerSocket = 256 * 1_024;
/** What one may cost that carries much, and so many messages of 1 MiB each way are much. */
const maxFloodBytes = 64_000_000;
const floodMessages = 1_024;

/** `false` if what a socket carried has grown the memory beyond its bound, at any time or in the end. */
async function tryFlood(): Promise<boolean> {
  const echo = await startEchoStack();
  try {
    const flood = { host: "site.test", count: floodMessages };
    const { before, most, after } = await runSocketFlood(echo.stack, flood);
    const megabytes = [before, most, after].map((bytes) => (bytes / 1e6).toFixed(0));
    console.log(`sockets: one carried ${floodMessages} MiB each way: workerd has ${megabytes[0]} MB before,`);
    console.log(`sockets: ${megabytes[1]} MB at most, ${megabytes[2]} MB after.`);
    const grownBy = Math.max(most, after) - before;
    if (grownBy > maxFloodBytes) console.error(`sockets: more than ${maxFloodBytes / 1e6} MB for one.`);
    return grownBy <= maxFloodBytes;
  } finally {
    await echo.stop();
  }
}

/** `false` if a socket was lost, did not hear what it said, or cost too much. That each has its slot, it waits for. */
async function trySockets(): Promise<boolean> {
  const { sockets: count } = options;
  const echo = await startEchoStack();
  try {
    const crowd = await runSocketCrowd(echo.stack, { host: "site.test", origin: "site", count });
    const { before, open, after } = crowd.resident;
    const bytesEach = (open - before) / count;
    const megabytes = [before, open, after].map((bytes) => (bytes / 1e6).toFixed(0));
    const seconds = [crowd.openMs, crowd.totalMs].map((ms) => (ms / 1_000).toFixed(1));
    console.log(
      `sockets: ${count} open in ${seconds[0]} s, with as many slots; all closed, and no slot, in ${seconds[1]} s`,
    );
    console.log(
      `sockets: workerd has ${megabytes[0]} MB before, ${megabytes[1]} MB with all open, ${megabytes[2]} MB after:`,
    );
    console.log(`sockets: ${(bytesEach / 1_024).toFixed(0)} KiB each`);
    const heard = crowd.firstMessages.every((text, index) => text === `hello ${index}`);
    const closed = crowd.codes.every((code) => code === 4000);
    if (!heard || !closed)
      console.error("sockets: not all of them got back what they sent, and closed as they asked to.");
    if (bytesEach > maxBytesPerSocket)
      console.error(`sockets: more than ${maxBytesPerSocket / 1_024} KiB each.`);
    return heard && closed && bytesEach <= maxBytesPerSocket;
  } finally {
    await echo.stop();
  }
}

/** Of the configs that are tried, so many times as many are only judged, which is quick. */
const judgedPerTried = 10;

/** `false` if a config was judged wrongly, or does not do what it says. */
async function tryAllConfigs(): Promise<boolean> {
  const { configs, seed, path } = options;
  console.log(`config: seed ${seed}`);
  if (path === undefined) {
    const judged = configs * judgedPerTried;
    const failure = judgeConfigs({ configs: judged, seed, onProgress: progress("config: judged", judged) });
    if (failure !== undefined) console.log(failure);
    if (failure !== undefined) return false;
  }
  const bench = await openConfigBench();
  try {
    const onProgress = progress("config: configs", configs);
    const tried = await tryConfigs(bench, { configs, seed, onProgress, ...(path !== undefined && { path }) });
    const done = `config: all of ${tried.configs} configs do what they say, in ${tried.requests} requests.`;
    console.log(tried.failure ?? done);
    return tried.failure === undefined;
  } finally {
    await bench.close();
  }
}

// A shop is the fleet's.
const only = options.only ?? (options.shop === undefined ? undefined : "fleet");
const runs = (part: Part): boolean => only === undefined || only === part;
const posts = !runs("posts") || (await tryPosts({ seed: options.seed }));
const day = !runs("day") || (await tryDay({ seed: options.seed }));
const drains = !runs("drain") || (await tryDrains(20));
const sockets = !runs("sockets") || ((await tryFlood()) && (await trySockets()));
const messages = !runs("http") || (await tryMessages());
const configs = !runs("config") || (await tryAllConfigs());
const fleet = !runs("fleet") || tryFleet();
const properties = !runs("properties") || (await tryProperties());
process.exitCode = posts && day && drains && sockets && messages && configs && fleet && properties ? 0 : 1;
