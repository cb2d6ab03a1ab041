/** What is asked of every set of rules. */
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

/** In what ways paths are asked, all of them with the `Origin` of a script. */
export const kindsOfRequests = {
  get: { method: "GET", headers: { Accept: "text/html,*/*;q=0.8" } },
  post: { method: "POST", headers: { "Content-Type": "text/plain" }, body: "sent" },
  delete: { method: "DELETE", headers: {} },
  // What conditions go by.
  visit: {
    method: "GET",
    headers: {
      Accept: "text/html,*/*;q=0.8",
      "User-Agent": "Mozilla/5.0 (X11; Linux) SomeBot/1.0",
      "Accept-Language": "de-AT,de;q=0.9",
      Cookie: "theme=dark; beta=1; session=7",
      Referer: "http://elsewhere.test/agents.test/",
      "X-Key": "secret",
      // What no client may make others believe, or is to be taken off.
      "X-Forwarded-For": "192.0.2.1",
      "X-Forwarded-Host": "evil.test",
      "X-Real-IP": "192.0.2.1",
      "X-Tenant": "forged",
      "X-Secret": "s",
      "X-None": "1",
      "Accept-Encoding": "br",
    },
  },
  head: { method: "HEAD", headers: { "User-Agent": "Mozilla/5.0", Referer: "http://www.agents.test/a" } },
} as const;

export type KindOfRequest = keyof typeof kindsOfRequests;

const mostKinds: readonly KindOfRequest[] = ["get", "post", "visit"];
const allKinds: readonly KindOfRequest[] = [...mostKinds, "delete", "head"];

/** All of them for one set. */
export function requestsOf(set: RuleSet): readonly ComparedRequest[] {
  const [first = "/"] = set.paths;
  const [path = "/"] = first.split("?");
  const kinds = set.isAskedByAllMethods === true ? allKinds : mostKinds;
  return [
    ...set.paths.flatMap((target) => kinds.map((kind) => ({ set, target, kind }))),
    ...(set.isAskedPlainly === true ? [] : spellings).map(({ name, write }) => ({
      set,
      target: write(path, hostOf(set)),
      spelling: name,
      kind: "get" as const,
    })),
  ];
}
