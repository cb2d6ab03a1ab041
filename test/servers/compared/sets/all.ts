/** All sets of rules, in the order of their kinds. */
import type { RuleSet } from "../rule-set.ts";
import { answerSets } from "./answers.ts";
import { conditionSets } from "./conditions.ts";
import { responseHeaderSets } from "./headers-to-clients.ts";
import { requestHeaderSets } from "./headers-to-origins.ts";
import { loginSets } from "./logins.ts";
import { matchingSets } from "./matching.ts";
import { ownHeaderSets } from "./own-headers.ts";
import { redirectSets } from "./redirects.ts";
import { rewriteSets } from "./rewrites.ts";
import { seedSets } from "./seeds.ts";
import { valueSets } from "./values.ts";

export const ruleSets: readonly RuleSet[] = [
  ...seedSets,
  ...redirectSets,
  ...rewriteSets,
  ...matchingSets,
  ...conditionSets,
  ...valueSets,
  ...loginSets,
  ...answerSets,
  ...requestHeaderSets,
  ...responseHeaderSets,
  ...ownHeaderSets,
];
