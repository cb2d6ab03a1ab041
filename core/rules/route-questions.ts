/**
 * What a request says to the questions that the table of routes has: whether the conditions of a route hold, and whether its pattern is
 * in the path. An answer is worked out once: the other readings of a path are held to the same facts.
 *
 * A path can have many readings, and each may be for patterns to see, so all of it together has a bound, too.
 */
import type { Questions, RouteVerdict } from "../routing/match.ts";
import { meets, type ConditionFacts, type Conditions } from "./conditions.ts";
import { decodedPath, type Pattern } from "./pattern.ts";

/** Of a route's conditions and pattern. */
export interface AskingRoute {
  readonly when?: Conditions;
  readonly pattern?: Pattern;
}

/** So many routes of a host may have patterns. */
export const mostPatterns = 64;

/** For tables of routes that ask nothing. */
export const noQuestions: Questions<unknown> = { holds: () => false, finds: () => false };

export class RouteQuestions implements Questions<AskingRoute> {
  readonly #facts: ConditionFacts;
  readonly #query: string;
  readonly #held = new Map<AskingRoute, RouteVerdict>();
  #decoded = { path: "", text: "" };
  /** What patterns may still see: each as much as if it saw the longest text that it is given, once. */
  #left = mostPatterns;

  /** @param query without its question mark. */
  constructor(facts: ConditionFacts, query: string) {
    this.#facts = facts;
    this.#query = query;
  }

  holds(route: AskingRoute): RouteVerdict {
    const known = this.#held.get(route);
    if (known !== undefined) return known;
    const held = route.when === undefined || meets(route.when, this.#facts, { query: this.#query });
    this.#held.set(route, held);
    return held;
  }

  finds({ pattern }: AskingRoute, path: string): RouteVerdict {
    if (pattern === undefined) return true;
    const { longest } = pattern;
    this.#left -= path.length / longest;
    if (path.length > longest || this.#left < 0) return { tooLong: "target" };
    if (path !== this.#decoded.path) this.#decoded = { path, text: decodedPath(path) };
    return pattern.test(this.#decoded.text);
  }
}
