/**
 * How much more work a parser does for a longer text than for as much text in short pieces: 1 if it is linear, `times` if it is
 * quadratic. Work is the time it takes, the least of several tries, which is the one that was disturbed least.
 */

/** The long text is so many times as long as the short one. */
export const times = 32;

/** So much time is measured at least, in microseconds: shorter measurements are mostly of the clock. */
const leastUs = 1_000;
const tries = 7;
/** A work that takes longer is tried no more than `fewTries` times: one try may have met a collection of all garbage. */
const mostUs = 100_000;
const fewTries = 3;

/** In microseconds: 4,096 characters, gone over from every tenth, are 80,000 steps. */
const atOnceUs = 20;

type Work = () => unknown;

/** The growth; 1 of what takes no time at all. As soon as a try is far below the bound that is the answer, else the best of all tries. */
export async function growth(short: Work, long: Work, bound: number): Promise<number> {
  const onceUs = await timeOfOnce(long);
  if (onceUs <= atOnceUs) return 1;
  // What is compiled at its first runs is slow in these, and would pass for less growth.
  await timeOf(short, 3);
  // A text that takes so long has been measured by that; others are measured together, until both are long enough.
  let [leastShort, leastLong] = [Infinity, onceUs < leastUs ? Infinity : onceUs];
  let rounds = 1;
  for (let tried = 0; tried < tries;) {
    const shortUs = await timeOf(short, times * rounds);
    if (shortUs < leastUs && rounds < 10_000) {
      rounds *= 2;
      continue;
    }
    leastShort = Math.min(leastShort, shortUs / rounds);
    if (leastLong / leastShort > bound / 4)
      leastLong = Math.min(leastLong, (await timeOf(long, rounds)) / rounds);
    // One try may have been disturbed while it measured the short text, but not as much as that.
    if (leastLong / leastShort <= bound / 4) break;
    tried += 1;
    if (leastLong > mostUs && tried >= fewTries) break;
  }
  return leastLong / leastShort;
}

/** The least of three times: the first may compile the work, and run it slowly. Of the first alone where that is long for any text. */
async function timeOfOnce(work: Work): Promise<number> {
  let least = await timeOf(work, 1);
  for (let again = 0; again < 2 && atOnceUs < least && least < leastUs; again += 1)
    least = Math.min(least, await timeOf(work, 1));
  return least;
}

/** In microseconds. Of the thread's own CPU time Linux tells only whole ticks, of 4 ms on some machines; of a time that was disturbed the least counts. */
async function timeOf(work: Work, rounds: number): Promise<number> {
  const before = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    const result = work();
    if (result instanceof Promise) await result;
  }
  return (performance.now() - before) * 1_000;
}
