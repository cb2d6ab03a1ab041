/**
 * How often a property is tried. `npm test` tries it as often as finds a broken rule; `npm run test:long` (`--only properties`) goes
 * through the same tests with so many more that what is rare is found, too (`properties.ts`).
 */

/** The variable of the environment that says that there is time. */
export const manyRunsVariable = "WEIR_TEST_MANY_RUNS";

/** `few`, or in `npm run test:long` `many`. */
export function runs(few: number, many: number): number {
  return process.env[manyRunsVariable] === "1" ? many : few;
}
