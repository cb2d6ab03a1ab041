/** What is asked of every set of rules. */
import { mostKinds, type KindOfRequest } from "./kinds.ts";
import { hostOf, type RuleSet } from "./rule-set.ts";
import { spellings } from "./spellings.ts";

export interface ComparedRequest {
  readonly set: RuleSet;
  /** As it stands in the request's first line. */
  readonly target: string;
  /** The spelling's name; absent: as the set has it. */
  readonly spelling?: string;
  readonly kind: KindOfRequest;
}

/** All of them for one set. */
export function requestsOf(set: RuleSet): readonly ComparedRequest[] {
  const [first = "/"] = set.paths;
  const [path = "/"] = first.split("?");
  return [
    ...set.paths.flatMap((target) => (set.kinds ?? mostKinds).map((kind) => ({ set, target, kind }))),
    ...(set.isAskedPlainly === true ? [] : spellings).map(({ name, write }) => ({
      set,
      target: write(path, hostOf(set)),
      spelling: name,
      kind: "get" as const,
    })),
  ];
}
