/** The kinds of events. Whatever is above the last is a timer of the strategy's own. */
export const Kind = {
  /** The next request arrives. */
  arrival: 0,
  /** An attempt (first) reaches its server. */
  reach: 1,
  /** A server (first) has something to do, unless its plans (second) have changed. */
  due: 2,
  /** The answer to an attempt (first) reaches its dispatcher. */
  answer: 3,
  /** A fault (first) begins (second = 1) or ends (0). */
  fault: 4,
  /** The neighbours of a server (first) become busy (second = 1) or idle (0). */
  antagonist: 5,
  /** A round of health checks. */
  probes: 6,
  /** A pool (first) looks whether it should grow or shrink. */
  scaling: 7,
  /** A server of a growing pool (first) has started: the one of this order (second). */
  boot: 8,
  /** Strategy timers: this plus a code of the strategy's. */
  strategy: 16,
} as const;
