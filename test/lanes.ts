/**
 * What `npm test` runs at the same time. Most of what the tests with servers take is waiting, for timers, objects and servers; but
 * two crowds at once are as many as two cores can serve in time. So the files with crowds have two workers, the other ones a
 * third, and what only computes stands back behind them all (`background.ts`).
 */

/** The files that keep a core busy for seconds, or judge how quickly something comes about under load; and some that wait, so that the lanes take as long. */
const crowds = [
  "autoscale",
  "autoscaler-loop",
  "burst",
  "capacity",
  "config-fuzz",
  "demo",
  "drain",
  "fleet-crowd",
  "fleet-limits",
  "fleet-outages",
  "fleet-queue",
  "large-bodies",
  "ordinary-day",
  "outages",
  "own-connections",
  "registration",
  "spill-counts",
  "starved",
  "websocket",
].map((name) => `test/e2e/${name}.test.ts`);

const withServers = ["--project", "workers", "--project", "e2e"];

/** Vitest's arguments. Each test file is in exactly one of them: a new one is no crowd until it is named above. */
export const testLanes = {
  crowds: [...withServers, "--maxWorkers", "2", ...crowds],
  others: [...withServers, "--maxWorkers", "1", ...crowds.flatMap((file) => ["--exclude", file])],
  unit: ["--project", "unit"],
} as const;
