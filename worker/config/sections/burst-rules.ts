/** What must hold between the parts of `burst`, and between it and the rest of its upstream. */
import { burstSignals } from "../../../core/model/burst-rules.ts";
import { burstDefaults, thresholdKeys } from "./burst-defaults.ts";
import { findsOutHome } from "./capacity-rules.ts";
import { defaults } from "./defaults.ts";
import { parseDuration } from "../kinds/duration.ts";
import { quote } from "../parse/notation.ts";
import { itemsOf, valueAt } from "../parse/plain.ts";
import type { Path, Plain, Problem } from "../parse/plain.ts";
import { hasQueue } from "./queue-rules.ts";

const keys = burstSignals.map((signal) => thresholdKeys[signal]);

/** The problems of the `burst` of the upstream at `path`. */
export function burstProblems(upstream: Plain | undefined, upstreamPath: Path): Problem[] {
  const burst = valueAt(upstream, "burst");
  if (burst === undefined || burst === false) return [];
  const path = [...upstreamPath, "burst"];
  const written = keys.filter((key) => valueAt(burst, "enter", key) !== undefined);
  const entered = written.length > 0 ? written : (["utilisation"] as const);
  return [
    ...nowhereToBurst(upstream, path),
    ...(entered.includes("utilisation") ? unlimited(upstream, path, written.length > 0) : []),
    ...queueless(upstream, path, written),
    ...keys.flatMap((key) => notBelow(burst, path, key, entered)),
    ...tooShort(upstream, burst, path),
    ...atOdds(upstream, burst, path),
  ];
}

function nowhereToBurst(upstream: Plain | undefined, path: Path): Problem[] {
  if (itemsOf(valueAt(upstream, "pools")).length !== 1) return [];
  return [{ path, found: "one pool", expected: "a second pool to burst into, or no burst" }];
}

function unlimited(upstream: Plain | undefined, path: Path, isWritten: boolean): Problem[] {
  const home = itemsOf(valueAt(upstream, "pools", 0, "origins"));
  if (findsOutHome(upstream)) return [];
  if (home.length === 0 || home.some((origin) => valueAt(origin, "maxConns") !== undefined)) return [];
  return [
    {
      path: isWritten ? [...path, "enter", "utilisation"] : path,
      found: "utilisation, and no maxConns in the first pool",
      expected: "maxConns of at least one origin of the first pool, or other thresholds in burst.enter",
    },
  ];
}

/** Where nobody waits they would never be reached. */
function queueless(upstream: Plain | undefined, path: Path, written: readonly string[]): Problem[] {
  if (hasQueue(upstream)) return [];
  return ["wait", "queue"]
    .filter((key) => written.includes(key))
    .map((key) => ({
      path: [...path, "enter", key],
      found: `${key}, and no queue in the upstream`,
      expected: "a queue in the upstream, or other thresholds in burst.enter",
    }));
}

function notBelow(
  burst: Plain,
  path: Path,
  key: (typeof keys)[number],
  entered: readonly string[],
): Problem[] {
  const exit = valueAt(burst, "exit", key);
  if (exit === undefined) return [];
  const exitPath = [...path, "exit", key];
  if (!entered.includes(key)) {
    return [{ path: exitPath, expected: `only what burst.enter names: ${entered.join(", ")}` }];
  }
  const enter = valueAt(burst, "enter", key) ?? burstDefaults.enter.utilisation;
  const [exitAt, enterAt] = [numberOf(exit), numberOf(enter)];
  if (exitAt === undefined || enterAt === undefined || exitAt < enterAt) return [];
  return [{ path: exitPath, expected: `less than burst.enter.${key}, which is ${quote(enter)}` }];
}

/** Both ends of the time that `exit` must last: that of `enter`, and what it takes until a quiet site has been seen. */
function tooShort(upstream: Plain | undefined, burst: Plain, burstPath: Path): Problem[] {
  const exitMs = numberOf(valueAt(burst, "exit", "for"));
  const enterMs = numberOf(valueAt(burst, "enter", "for"));
  const path = [...burstPath, "exit", "for"];
  const exitOrDefaultMs = exitMs ?? Infinity;
  if (enterMs !== undefined && exitOrDefaultMs < enterMs) {
    return [{ path, expected: "at least burst.enter.for" }];
  }
  if (exitOrDefaultMs >= 2 * intervalMsOf(valueAt(upstream, "health"))) return [];
  return [{ path, expected: "at least twice health.interval: on a quiet site only probes show how home is" }];
}

/** Two places say whether sessions are moved home; where both are written they have to say the same. */
function atOdds(upstream: Plain | undefined, burst: Plain, path: Path): Problem[] {
  const sessions = valueAt(burst, "sessions");
  const homecoming = valueAt(upstream, "sticky", "homecoming");
  if (sessions === undefined || typeof homecoming !== "boolean") return [];
  if ((sessions !== false) === homecoming) return [];
  return [{ path: [...path, "sessions"], expected: `what sticky.homecoming says, which is ${homecoming}` }];
}

/** From probe to probe; 0 where there are none. */
function intervalMsOf(health: Plain | undefined): number {
  if (health === false) return 0;
  const timeoutMs = numberOf(valueAt(health, "timeout")) ?? 0;
  return numberOf(valueAt(health, "interval")) ?? Math.max(defaults.probe.interval, timeoutMs);
}

/** A number, or a duration in milliseconds; `undefined` if it is neither. */
function numberOf(written: Plain | undefined): number | undefined {
  if (typeof written === "number") return written;
  return typeof written === "string" ? parseDuration(written) : undefined;
}
