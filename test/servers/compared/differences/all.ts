/**
 * In what Weir differs from nginx and Apache under the same rules, and why: the whole of it. Each row says which of the answers that differ are its own, as narrowly as it can.
 * A difference in no row fails the comparison, and so does a row that is no difference any more. docs/moving.md shows the rows to users.
 */
import type { Difference } from "./difference.ts";
import { ruleDifferences } from "./rules.ts";
import { spellingDifferences } from "./spellings.ts";

export const differences: readonly Difference[] = [...spellingDifferences, ...ruleDifferences];
